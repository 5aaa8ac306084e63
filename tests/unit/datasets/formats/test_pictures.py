import io
import os
import tarfile
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import pictures
from vaepipe.datasets.formats.containers import write_index
from vaepipe.datasets.formats.pictures import ingest
from vaepipe.datasets.images import read_images

REAL = os.environ.get("VAEPIPE_REAL_DATA")
SETTINGS = {
    "file": "data.zip",
    "height": 4,
    "width": 4,
    "fit": "crop",
    "channels": 3,
    "background": "#ffffff",
    "attributes": None,
    "label": None,
    "classes": ["face"],
    "test_share": 0.25,
    "seed": 0,
    "damaged": "stop",
    "most_pixels": 10_000,
}
TARGETS = [Path("train.parquet"), Path("test.parquet")]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def picture(value: int, side: int = 6) -> bytes:
    """An image of one grey, by which it is known again."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((side, side, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def zipped(files) -> None:
    with zipfile.ZipFile("data.zip", "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def faces(count: int = 8) -> dict[str, bytes]:
    return {f"faces/{i}.png": picture(10 * i) for i in range(count)}


def run(**changed):
    """The images of both parts: the grey of each, and all else."""
    ingest(TARGETS, **SETTINGS | changed)
    found = [read_images(target) for target in TARGETS]
    return [[pixels[0] for pixels in images.pixels["image"]] for images in found], found


def test_all_images_of_one_class_are_split_by_their_names():
    zipped(faces(8))
    (train, test), (images, _) = run()
    assert sorted(train + test) == [10 * i for i in range(8)]
    assert len(test) == 2 and train == sorted(train)
    assert images.kind.shape == (4, 4, 3) and images.kind.classes == ("face",)
    assert images.kind.source == "data.zip"
    assert images.labels.tolist() == 6 * [0] and images.attributes == {}
    assert run()[0] == [train, test] != run(seed=1)[0]


def test_an_image_that_is_added_moves_few_others():
    zipped(faces(20))
    test = set(run()[0][1])
    zipped(faces(20) | {"a/new.png": picture(255)})
    assert len(test - set(run()[0][1])) <= 1


FOLDERS = {
    "x/train/cat/1.png": picture(1),
    "x/train/dog/2.png": picture(2),
    "x/train/dog/small/3.png": picture(3),
    "x/test/cat/4.png": picture(4),
    "x/test/dog/5.png": picture(5),
    "x/val/dog/6.png": picture(6),
    "x/train/7.png": picture(7),
    "x/train/bird/8.png": picture(8),
}


def test_folders_name_the_classes_and_the_parts():
    zipped(FOLDERS)
    folders = {"label": "folders", "test_share": None, "seed": None}
    (train, test), (images, others) = run(classes=["dog", "cat"], **folders)
    assert dict(zip(train, images.labels, strict=True)) == {1: 1, 2: 0, 3: 0}
    assert dict(zip(test, others.labels, strict=True)) == {4: 1, 5: 0}
    with pytest.raises(InputError, match=r"data\.zip: holds no image of bird for test"):
        run(classes=["dog", "bird"], **folders)


def test_each_class_is_split_by_itself():
    files = {f"{'ab'[i < 30]}/{i}.png": picture(i) for i in range(40)}
    zipped(files)
    _, found = run(label="folders", classes=["a", "b"], test_share=0.2)
    assert [np.bincount(images.labels).tolist() for images in found] == [[8, 24], [2, 6]]


TABLE = "name,hair,glasses\n" + "".join(f"{i}.png,{i % 2 + 1},{i % 3}\n" for i in range(9))


@pytest.mark.parametrize("place", ["faces/table.csv", "table.csv"])
def test_a_table_tells_classes_and_attributes(place):
    zipped(faces(8) | {place: "\ufeff" + TABLE})
    parts, found = run(attributes=place, label="hair", classes=["2", "1"])
    for greys, images in zip(parts, found, strict=True):
        numbers = np.array(greys) // 10
        assert images.kind.attributes == ("hair", "glasses")
        assert images.attributes["glasses"].tolist() == [str(i % 3) for i in numbers]
        assert images.labels.tolist() == [1 - i % 2 for i in numbers]
    assert sum(map(len, parts)) == 8
    (train, test), _ = run(attributes=place, label="glasses", classes=["0"])
    assert sorted(train + test) == [0, 30, 60]


def cartoon(i: int, **told: int) -> dict[str, bytes]:
    """As in the Cartoon Set."""
    rows = "\n".join(f'"{name}", {value}, 3' for name, value in told.items())
    return {f"set/cs{i}.png": picture(i), f"set/cs{i}.csv": rows.encode()}


def test_each_image_may_have_a_table_of_its_own():
    files = {}
    for i in range(4):
        files |= cartoon(i, hair=i % 2, chin=i)
    files |= {"set/cs4.png": picture(4), "set/cs4.csv": b'"chin", 14, 15\n\n"hair", 0, 3\n'}
    zipped(files | {"notes.csv": b"no table of an image"})
    parts, found = run(attributes="each", label="hair", classes=["0", "1"], test_share=0.5)
    assert [images.kind.attributes for images in found] == 2 * [("hair", "chin")]
    chins = {
        grey: chin
        for greys, images in zip(parts, found, strict=True)
        for grey, chin in zip(greys, images.attributes["chin"], strict=True)
    }
    assert chins == {0: "0", 1: "1", 2: "2", 3: "3", 4: "14"}


WRONG_TABLES = {
    "none": (None, {}, r"data\.zip: holds no table faces/table\.csv"),
    "empty": ("", {}, r"table\.csv: line 1: must name a column of files"),
    "a column twice": ("name,a,a\n", {}, r"table\.csv: line 1: must name"),
    "no attribute": ("name\n0.png\n", {}, r"table\.csv: line 1: must name"),
    "a value too many": ("name,hair\n0.png,1,2\n", {}, r"row 2: has 3 values, not 2"),
    "a file twice": ("name,hair\n0.png,1\n0.png,2\n", {}, r"row 3: 0\.png has a row before"),
    "no row": ("name,hair\n0.png,1\n", {}, r"table\.csv: has no row for faces/1\.png"),
    "bytes": (b"\xff\xfe\0", {}, r"table\.csv: not a table of comma-separated text"),
    "a long cell": ("name,hair\n0.png," + 200_000 * "1", {}, "not a table"),
    "no label": (TABLE, {"label": "hat"}, "has no attribute 'hat'; it has hair, glasses"),
    "no class": (TABLE, {"classes": ["1", "9"]}, r"data\.zip: holds no image of 9 for train"),
}


@pytest.mark.parametrize("case", WRONG_TABLES)
def test_what_is_wrong_with_a_table_is_said(case):
    content, changed, message = WRONG_TABLES[case]
    zipped(faces(8) | ({} if content is None else {"faces/table.csv": content}))
    settings = {"attributes": "faces/table.csv", "label": "hair", "classes": ["1"]}
    with pytest.raises(InputError, match=message):
        run(**settings | changed)


def test_a_row_is_not_guessed_of_images_of_one_name():
    zipped({f"{part}/1.png": picture(1) for part in "ab"} | {"t.csv": "name,hair\n1.png,2\n"})
    with pytest.raises(InputError, match=r"t\.csv: has no row for a/1\.png"):
        run(attributes="t.csv")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ({"set/cs1.png": picture(1)}, r"data\.zip: set/cs1\.png has no cs1\.csv beside it"),
        (cartoon(1, hair=1), r"set/cs1\.csv: the tables before it differ from it in 'chin'"),
        ({"set/cs1.png": picture(1), "set/cs1.csv": b""}, r"cs1\.csv: must hold rows"),
        ({"set/cs1.png": picture(1), "set/cs1.csv": b"hair"}, r"cs1\.csv: must hold rows"),
    ],
)
def test_what_is_wrong_with_a_table_of_one_image_is_said(second, message):
    zipped(cartoon(0, hair=1, chin=2) | second)
    with pytest.raises(InputError, match=message):
        run(attributes="each")


DAMAGED = {
    "truncated": (picture(99)[:-30], r"faces/x\.png: cannot be decoded"),
    "text": (b"text", r"faces/x\.png: is no PNG, JPEG or WebP"),
    "oversized": (picture(99, side=101), r"faces/x\.png: has 101 x 101 pixels, more than"),
    "a bomb": (bytes(2_000_000), r"faces/x\.png: has 2000000 bytes, too many"),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_image_is_named_or_left_out_and_counted(case, caplog):
    content, message = DAMAGED[case]
    zipped(faces(8) | {"faces/x.png": content})
    with pytest.raises(InputError, match=message + r".*`damaged: skip` in params\.yaml"):
        run()
    (train, test), _ = run(damaged="skip", seed=3)
    assert sorted(train + test) == [10 * i for i in range(8)]
    assert "1 of 9 images are left out; the first: faces/x.png " in caplog.text


def test_an_empty_image_at_the_end_of_an_archive_is_left_out(monkeypatch):
    monkeypatch.setattr(pictures, "decode", slowly(pictures.decode))
    with tarfile.open("data.tar", "w") as archive:
        for name, content in {**faces(), "faces/last.png": b""}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert len(run(file="data.tar", damaged="skip")) == 2


def slowly(of):
    """The same function when the archive has long been read."""

    def later(*given):
        time.sleep(0.05)
        return of(*given)

    return later


def test_a_damaged_image_of_no_wanted_class_is_not_read():
    zipped(FOLDERS | {"x/train/bird/8.png": b"text"})
    run(label="folders", classes=["dog", "cat"], test_share=None, seed=None)


def test_an_archive_without_images_is_named():
    zipped({"a.gif": b"", "b.csv": b""})
    with pytest.raises(InputError, match=r"data\.zip: holds no image"):
        run()


def test_a_folder_by_its_index_is_read_like_an_archive():
    zipped(faces(8))
    parts, _ = run()
    for name, content in faces(8).items():
        Path("data", name).parent.mkdir(parents=True, exist_ok=True)
        Path("data", name).write_bytes(content)
    index = write_index(Path("data"))
    assert run(file=str(index))[0] == parts
    Path("data/faces/3.png").write_bytes(picture(31))
    with pytest.raises(InputError, match=r"data/faces/3\.png: is not .*index_images\.py data`"):
        run(file=str(index), damaged="skip")


@pytest.mark.parametrize("most", [1, 200, 10**6])
def test_the_same_images_whatever_the_threads_and_blocks(monkeypatch, most):
    zipped(faces(25) | {"faces/table.csv": "f,a\n" + "".join(f"{i}.png,{i}\n" for i in range(25))})
    monkeypatch.setattr(pictures, "BLOCK_BYTES", most)
    contents = []
    for threads in (1, 2, 7):
        monkeypatch.setattr(pictures, "threads", lambda count=threads: count)
        parts, found = run(attributes="faces/table.csv")
        for greys, images in zip(parts, found, strict=True):
            assert images.attributes["a"].tolist() == [str(grey // 10) for grey in greys]
        contents.append([target.read_bytes() for target in TARGETS])
    assert contents[0] == contents[1] == contents[2]


@pytest.mark.skipif(not REAL, reason="VAEPIPE_REAL_DATA names no folder")
def test_every_real_avatar_is_read():
    """Of Google's Cartoon Set, made smaller; hair of six colours, one of them rare."""
    table = "cartoon-faces/attributes.csv"
    hair = [str(i) for i in range(6)]
    _, found = run(
        file=f"{REAL}/cartoon-faces-96px.zip",
        height=64,
        width=64,
        attributes=table,
        label="hair_color",
        classes=hair,
        test_share=0.2,
    )
    assert [images.kind.shape for images in found] == 2 * [(64, 64, 3)]
    for images in found:
        assert list(images.attributes) == ["hair_color", "eyeglasses", "smiling", "young", "human"]
        assert [hair[label] for label in images.labels] == images.attributes["hair_color"].tolist()
        corners = images.pixels["image"].reshape(-1, 64, 64, 3)[:, 0, 0]
        assert (corners > 250).all(1).mean() > 0.5
    counts = [Counter(images.labels.tolist()) for images in found]
    assert all(abs(counts[1][i] / (counts[0][i] + counts[1][i]) - 0.2) < 0.05 for i in counts[1])
