import gzip
import io
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from conftest import ROOT

from vaepipe.config import sources
from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import cifar, pickles, tar
from vaepipe.datasets.formats.stored import stored
from vaepipe.datasets.images import read_images

LABELS = np.array([3, 0, 9, 3, 1])
IMAGES = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
SPLITS = {"train": slice(0, 3), "test": slice(3, 5)}


def batch(rows: slice) -> tuple[np.ndarray, np.ndarray]:
    return LABELS[rows], IMAGES[rows]


def records(rows: slice) -> bytes:
    content = io.BytesIO()
    cifar.write(content, *batch(rows))
    return content.getvalue()


def pickled(rows: slice, **changed) -> bytes:
    pixels = IMAGES[rows].transpose(0, 3, 1, 2).reshape(-1, 3072)
    content = {b"data": np.ascontiguousarray(pixels), b"labels": LABELS[rows].tolist()}
    return pickle.dumps(content | {key.encode(): v for key, v in changed.items()}, 4)


def archived(path: Path, *members: tuple[str, bytes | tarfile.TarInfo]) -> Path:
    """A tar of these members, packed if named so, in the folder that CIFAR-10's lie in."""
    with tarfile.open(path, "w:gz" if path.suffix != ".tar" else "w") as archive:
        for name, content in members:
            if isinstance(content, bytes):
                member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
            else:
                content.name = f"cifar-10-batches-bin/{name}"
                archive.addfile(content)
    return path


BINARY = (
    ("batches.meta.txt", b"airplane\n"),
    ("data_batch_2.bin", records(slice(0, 1))),
    ("test_batch.bin", records(SPLITS["test"])),
    ("data_batch_1.bin", records(slice(1, 3))),
)
PYTHON = (
    ("batches.meta", pickle.dumps({})),
    ("data_batch_1", pickled(slice(0, 2))),
    ("data_batch_2", pickled(slice(2, 3))),
    ("test_batch", pickled(SPLITS["test"])),
)


def read_all(path: Path, part: str) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.concatenate(p) for p in zip(*cifar.read(path, part), strict=True))


def assert_read(path: Path, part: str) -> None:
    labels, images = read_all(path, part)
    assert labels.tolist() == LABELS[SPLITS[part]].tolist()
    assert images.dtype == np.uint8
    assert (images == IMAGES[SPLITS[part]]).all()


def test_a_record_is_in_the_form_that_is_described(tmp_path):
    """A label, then 1024 red, 1024 green and 1024 blue values, row after row."""
    image = np.zeros((1, 32, 32, 3), np.uint8)
    image[0, 0, 1] = (11, 22, 33)
    image[0, 1, 0, 2] = 44
    cifar.write(tmp_path / "x.bin", np.array([7]), image)
    content = (tmp_path / "x.bin").read_bytes()
    assert len(content) == 3073
    found = {place: value for place, value in enumerate(content) if value}
    assert found == {0: 7, 2: 11, 1 + 1024 + 1: 22, 1 + 2048 + 1: 33, 1 + 2048 + 32: 44}


@pytest.mark.parametrize("name", ["train.bin", "train.bin.gz"])
@pytest.mark.parametrize("most", [3073, 7000, 10**6])
def test_records_that_were_written_are_read_whatever_the_blocks(tmp_path, monkeypatch, name, most):
    monkeypatch.setattr(cifar, "BLOCK_BYTES", most)
    cifar.write(tmp_path / name, *batch(SPLITS["train"]))
    assert_read(tmp_path / name, "train")


def test_files_behind_one_another_are_one(tmp_path):
    (tmp_path / "train.bin").write_bytes(records(slice(0, 2)) + records(slice(2, 3)))
    assert_read(tmp_path / "train.bin", "train")


@pytest.mark.parametrize("part", SPLITS)
@pytest.mark.parametrize("members", [BINARY, PYTHON])
@pytest.mark.parametrize("name", ["cifar.tar", "cifar.tar.gz", "cifar.tgz"])
def test_either_archive_holds_both_splits(tmp_path, name, members, part):
    archived(tmp_path / name, *members)
    assert_read(tmp_path / name, part)


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_other_programs_are_read(tmp_path, form):
    """With a folder of its own, a long name, and facts that stand before each member."""
    path = tmp_path / "cifar.tar.gz"
    with tarfile.open(path, "w:gz", format=form) as archive:
        folder = tarfile.TarInfo("a/data_batch_1.bin.d")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for name, content in (*BINARY, (f"._{'x' * (20 if form == 0 else 150)}", b"1" * 700)):
            member = tarfile.TarInfo(f"é/{name}" if form else f"e/{name}")
            member.size, member.mtime = len(content), 1.5 if form == tarfile.PAX_FORMAT else 1
            archive.addfile(member, io.BytesIO(content))
    assert_read(path, "train")


def test_an_archive_that_was_written_is_read_and_the_same_again(tmp_path):
    for name in ("a.tar.gz", "b.tar.gz"):
        batches = [batch(slice(0, 1)), batch(slice(1, 3))]
        cifar.write_archive(tmp_path / name, batches, batch(SPLITS["test"]))
    for part in SPLITS:
        assert_read(tmp_path / "a.tar.gz", part)
    content = (tmp_path / "a.tar.gz").read_bytes()
    assert content == (tmp_path / "b.tar.gz").read_bytes() == stored(gzip.decompress(content))
    with tarfile.open(tmp_path / "a.tar.gz") as archive:
        assert archive.getnames() == [
            f"cifar-10-batches-bin/{name}.bin"
            for name in ("data_batch_1", "data_batch_2", "test_batch")
        ]


@pytest.mark.parametrize("members", [BINARY, PYTHON])
def test_ingest_keeps_the_wanted_classes_in_their_order(tmp_path, monkeypatch, members):
    monkeypatch.chdir(tmp_path)
    archived(Path("cifar.tar.gz"), *members)
    targets = [tmp_path / f"{part}.parquet" for part in SPLITS]
    before = set(Path().iterdir())
    cifar.ingest(targets, *2 * ["cifar.tar.gz"], classes=["cat"])
    train, test = map(read_images, targets)
    assert train.kind.shape == (32, 32, 3)
    assert train.kind.source == test.kind.source == "cifar.tar.gz"
    assert train.kind.classes == ("cat",)
    assert (train.pixels["image"].reshape(-1, 32, 32, 3) == IMAGES[:1]).all()
    assert (test.pixels["image"].reshape(-1, 32, 32, 3) == IMAGES[3:4]).all()
    cifar.ingest_part(Path("cifar.tar.gz"), "train", targets[0], ["truck", "airplane"])
    train = read_images(targets[0])
    assert train.kind.classes == ("truck", "airplane")
    assert sorted(train.labels) == [0, 1]
    assert sorted(Path().iterdir()) == sorted(
        [*before, *map(Path, ("train.parquet", "test.parquet"))]
    )


def test_names_stand_once_each_in_params_and_here():
    assert get_args(sources.Object) == cifar.CLASSES
    assert sources.ARCHIVES == tar.ENDINGS


def link(kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo()
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def stating(size: bytes) -> bytes:
    """A whole archive of a batch that says it is of another size."""
    header = bytearray(tarfile.TarInfo("data_batch_1.bin").tobuf(tarfile.USTAR_FORMAT))
    header[124:136] = size.ljust(12, b"\0")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + records(SPLITS["train"]).ljust(9728, b"\0") + bytes(1024)


TRAIN, TEST = records(SPLITS["train"]), records(SPLITS["test"])
WHOLE = (("data_batch_1.bin", TRAIN), ("test_batch.bin", TEST))


def with_first(content, name: str = "data_batch_1.bin") -> tuple:
    return ((name, content), ("test_batch.bin", TEST))


def with_batch(**changed) -> tuple:
    return (("data_batch_1", pickled(SPLITS["train"], **changed)), ("test_batch", b""))


class Hostile:
    def __reduce__(self):
        return os.system, ("touch ran",)


FIRST = r"wrong\.tar\.gz: data_batch_1\.bin: "
PICKLED = r"wrong\.tar\.gz: data_batch_1: "
WRONG = {
    "no batch": (WHOLE[1:], r"wrong\.tar\.gz: holds no data_batch_1; is it an archive of CIFAR"),
    "no test": (WHOLE[:1], r"wrong\.tar\.gz: holds no test_batch"),
    "a gap": ((*WHOLE, ("data_batch_3.bin", TRAIN)), r"holds no data_batch_2"),
    "many": (((*WHOLE, ("data_batch_99.bin", TRAIN))), r"holds no data_batch_2"),
    "twice": ((*WHOLE, WHOLE[0]), r"holds data_batch_1 twice"),
    "both forms": ((*WHOLE, ("test_batch", pickled(slice(0, 1)))), r"holds test_batch twice"),
    "a link": (with_first(link(tarfile.SYMTYPE)), FIRST + "is a link or a device"),
    "a hard link": (with_first(link(tarfile.LNKTYPE)), FIRST + "is a link or a device"),
    "a folder": (with_first(link(tarfile.DIRTYPE)), r"holds no data_batch_1"),
    "a device": (with_first(link(tarfile.CHRTYPE)), FIRST + "is a link or a device"),
    "cut": (with_first(TRAIN[:-1]), FIRST + "record 3 is cut off"),
    "longer": (with_first(TRAIN + b"1"), FIRST + "record 4 is cut off"),
    "empty": (with_first(b""), FIRST + "holds no record"),
    "a label": (with_first(TRAIN[:3073] + b"\x0a" + TRAIN[3074:]), FIRST + "record 2: label 10 is"),
    "CIFAR-100": (with_first(b"\x01" + TRAIN), FIRST + "record [0-9]: label [0-9]+ is outside|cut"),
    "no class": (with_first(TRAIN[-3073:]), r"holds no image of airplane, cat for train"),
    "code": (with_first(pickle.dumps(Hostile(), 4), "data_batch_1"), PICKLED + "not admitted"),
    "text": (with_first(b"text", "data_batch_1"), PICKLED + "a damaged pickle"),
    "no data": (with_batch(data=None), PICKLED + r"its `data` are no array \(n, 3072\)"),
    "flat data": (with_batch(data=np.zeros(9, np.uint8)), PICKLED + "its `data` are no"),
    "other data": (with_batch(data=np.zeros((3, 3073), np.uint8)), PICKLED + "its `data`"),
    "no image": (with_batch(data=np.zeros((0, 3072), np.uint8)), PICKLED + "its `data` are no"),
    "floats": (with_batch(data=np.zeros((3, 3072))), PICKLED + "not admitted"),
    "no labels": (with_batch(labels=None), PICKLED + "its `labels` are no list of 3 whole"),
    "few labels": (with_batch(labels=[1, 2]), PICKLED + "its `labels` are no list of 3"),
    "true labels": (with_batch(labels=[1, True, 1]), PICKLED + "its `labels` are no"),
    "a tenth": (with_batch(labels=[1, 2, 10]), PICKLED + "record 3: label 10 is outside"),
    "below": (with_batch(labels=[1, -(2**70), 0]), PICKLED + "record 2: label -11805"),
}


def fails(path: Path, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        cifar.ingest_part(path, "train", path.parent / "x.parquet", ["airplane", "truck", "cat"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value).removeprefix(str(path))) < 300


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_the_file_and_the_member(tmp_path, monkeypatch, case):
    monkeypatch.chdir(tmp_path)
    members, message = WRONG[case]
    fails(archived(tmp_path / "wrong.tar.gz", *members), message)
    assert not (tmp_path / "ran").exists()


def test_a_pickle_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(pickles, "LARGEST", 5000)
    fails(archived(tmp_path / "wrong.tar.gz", *PYTHON), PICKLED + "larger than 0 MB")


def test_damaged_archives_are_named(tmp_path):
    path, plain = tmp_path / "wrong.tar.gz", tmp_path / "wrong.tar"
    whole = archived(path, *WHOLE).read_bytes()
    content = gzip.decompress(whole)
    for cut in (len(whole) // 4, len(whole) // 2, len(whole) - 9):
        path.write_bytes(whole[:cut])
        fails(path, r"wrong\.tar\.gz: (data_batch_1\.bin: |test_batch\.bin: )?cannot be unpacked")
    path.write_bytes(whole[: len(whole) // 4])
    fails(path, FIRST + "cannot be unpacked")
    path.write_bytes(whole[:-8] + bytes(4) + whole[-4:])
    fails(path, r"wrong\.tar\.gz: cannot be unpacked \(CRC")
    plain.write_bytes(content[: 512 + 3073 * 2])
    fails(plain, r"wrong\.tar: data_batch_1\.bin: cannot be unpacked \(the archive ends within it")
    plain.write_bytes(content[: 512 + 9728])  # between two members
    fails(plain, r"wrong\.tar: is cut off, or no archive")
    for junk in (b"", b"text", b"text" * 200, bytes(200), content[1:], b"\0" + content):
        plain.write_bytes(junk)
        fails(plain, r"wrong\.tar: (is cut off, or no|not a readable tar) archive")
    flipped = bytearray(content)
    flipped[3] ^= 1
    plain.write_bytes(flipped)
    fails(plain, r"wrong\.tar: not a readable tar archive, or damaged")


@pytest.mark.parametrize("size", [b"77777777777", b"00000030000"])
def test_an_absurd_size_is_named(tmp_path, size):
    path = tmp_path / "wrong.tar"
    path.write_bytes(stating(size))
    fails(path, r"wrong\.tar: data_batch_1\.bin: (record 4 is cut|record 4: label|cannot be unp)")


@pytest.mark.parametrize("size", [b"\x80\0\0\0\0\0\0\0\0\0\x24\x03", b"-1", b"9", b"1 2"])
def test_a_size_that_is_no_octal_number_is_named(tmp_path, size):
    path = tmp_path / "wrong.tar"
    path.write_bytes(stating(size))
    fails(path, r"wrong\.tar: not a readable tar archive")


def test_damaged_records_are_named(tmp_path):
    path = tmp_path / "wrong.bin"
    path.write_bytes(TRAIN[:4000])
    fails(path, r"wrong\.bin: record 2 is cut off: a record has 3073 bytes")
    path.write_bytes(b"")
    fails(path, r"wrong\.bin: holds no record")
    path.write_bytes(gzip.compress(TRAIN)[:-9])
    fails(path, r"wrong\.bin: cannot be unpacked")
    path.write_bytes(archived(tmp_path / "x.tar", *WHOLE).read_bytes())
    fails(path, r"wrong\.bin: record 1: label 99 is outside 0\.\.9")
    fails(tmp_path / "absent.bin", r"absent\.bin: no such file")


LIMIT_MB = 500
PEAK = """
import sys
from pathlib import Path
from vaepipe.datasets.formats.cifar import CLASSES, ingest
ingest([Path(target) for target in sys.argv[2:]], sys.argv[1], sys.argv[1], list(CLASSES))
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's peak
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc/self/status")
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("form", ["binary", "python"])
def test_peak_memory_of_the_official_length_and_of_more(tmp_path, form, times):
    count = 10_000
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(count) % 10
    content = io.BytesIO()
    if form == "binary":
        cifar.write(content, labels, images)
        end = ".bin"
    else:
        pixels = np.ascontiguousarray(images.transpose(0, 3, 1, 2).reshape(count, 3072))
        pickle.dump({b"data": pixels, b"labels": labels.tolist()}, content, 4)
        end = ""
    names = [*(f"data_batch_{i}{end}" for i in range(1, 5 * times + 1)), f"test_batch{end}"]
    path = tmp_path / "long.tar"
    archived(path, *((name, content.getvalue()) for name in names))
    result = subprocess.run(
        [sys.executable, "-c", PEAK, path, tmp_path / "train", tmp_path / "test"],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(result.stdout) / 1024 < LIMIT_MB
    path.unlink()
