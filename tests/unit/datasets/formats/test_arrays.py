import io
import pickle
from pathlib import Path

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import arrays
from vaepipe.datasets.images import read_images

GENERATOR = np.random.default_rng(0)
IMAGES = GENERATOR.integers(0, 256, (7, 4, 5, 3), dtype=np.uint8)
LABELS = np.array([2, 0, 1, 1, 0, 2, 2])
CLASSES = ["cat", "dog", "ship"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("train.npy", IMAGES)
    np.save("labels.npy", LABELS)
    np.save("test.npy", IMAGES[:3] // 2)
    np.save("test_labels.npy", LABELS[:3].astype(np.uint8))


def ingest(
    train=("train.npy", "labels.npy"), test=("test.npy", "test_labels.npy"), classes=CLASSES
):
    splits = [dict(zip(("images", "labels"), files, strict=True)) for files in (train, test)]
    targets = [Path("train.parquet"), Path("test.parquet")]
    arrays.ingest(targets, *splits, classes)
    return [read_images(target) for target in targets]


@pytest.mark.parametrize("most", [1, 130, 10**6])
def test_both_splits_are_read_whatever_the_blocks(monkeypatch, most):
    monkeypatch.setattr(arrays, "BLOCK_BYTES", most)
    train, test = ingest()
    assert train.kind.shape == (4, 5, 3) and train.kind.classes == tuple(CLASSES)
    assert [images.kind.source for images in (train, test)] == ["train.npy", "test.npy"]
    assert train.labels.tolist() == LABELS.tolist()
    assert (train.pixels["image"].reshape(IMAGES.shape) == IMAGES).all()
    assert (test.pixels["image"].reshape(3, 4, 5, 3) == IMAGES[:3] // 2).all()


@pytest.mark.parametrize("grey", [IMAGES[..., 0].copy(), IMAGES[..., :1].copy()])
def test_one_channel_is_grey_with_or_without_an_axis(grey):
    np.save("grey.npy", grey)
    images, _ = ingest(*2 * [("grey.npy", "labels.npy")])
    assert images.kind.shape == (4, 5)
    assert (images.pixels["image"] == grey.reshape(7, 20)).all()


def test_images_without_labels_are_of_one_class():
    train, test = ingest(("train.npy", "train.npy"), ("test.npy", "test.npy"), ["face"])
    assert train.labels.tolist() == 7 * [0] and len(test.labels) == 3
    assert train.kind.classes == ("face",)


@pytest.mark.parametrize("dtype", ["<i8", ">i2", "u8", "i1"])
def test_labels_may_be_whole_numbers_of_any_length(dtype):
    np.save("labels.npy", LABELS.astype(dtype))
    assert ingest()[0].labels.tolist() == LABELS.tolist()


class Hostile:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


def saved(values) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.asarray(values), allow_pickle=True)
    return buffer.getvalue()


def zipped() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, x=IMAGES)
    return buffer.getvalue()


def headed(header: str) -> bytes:
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header.encode() + b"1"


UNREADABLE = r"train\.npy: not a readable array of numpy"
FORM = r"train\.npy: must hold uint8 images"
WRONG_IMAGES = {
    "nothing": (b"", UNREADABLE),
    "text": (b"label,image\n", UNREADABLE),
    "a pickle": (pickle.dumps(Hostile()), UNREADABLE),
    "objects": (saved([Hostile()] * 7), UNREADABLE),
    "a zip of arrays": (zipped(), UNREADABLE),
    "a nested header": (headed("(" * 300), UNREADABLE),
    "a header of code": (headed("exit()"), UNREADABLE),
    "a shape past all": (headed(f"{{'descr': '|u1', 'shape': ({2**70},)}}"), UNREADABLE),
    "cut off": (saved(IMAGES)[:-1], UNREADABLE),
    "longer": (saved(IMAGES) + b"1", r"train\.npy: is longer than its header"),
    "columns first": (saved(np.asfortranarray(IMAGES)), r"train\.npy: is stored column by column"),
    "shares": (saved(IMAGES / 255), FORM),
    "16 bits": (saved(IMAGES.astype(np.uint16)), FORM),
    "channels first": (saved(IMAGES.transpose(0, 3, 1, 2).copy()), FORM),
    "transparency": (saved(IMAGES[..., [0, 1, 2, 2]]), FORM),
    "rows of pixels": (saved(IMAGES.reshape(7, 60)), FORM),
    "a number": (saved(np.uint8(3)), FORM),
    "no image": (saved(IMAGES[:0]), r"train\.npy: is an array \(0, 4, 5, 3\)"),
    "no pixel": (saved(IMAGES[:, :0]), r"1 to 1024 pixels a side"),
    "too wide": (saved(np.zeros((1, 1, 1025), np.uint8)), r"1 to 1024 pixels a side"),
    "others than in test": (saved(IMAGES[:, :, :4].copy()), r"4 x 4 x 3, but test\.npy of 4 x 5"),
}


@pytest.mark.parametrize("case", WRONG_IMAGES)
def test_what_is_wrong_with_images_is_said_and_nothing_is_run(case):
    content, message = WRONG_IMAGES[case]
    Path("train.npy").write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        ingest()
    assert len(str(caught.value)) < 300 and "\n" not in str(caught.value)


WRONG_LABELS = {
    "one more": ([*LABELS, 1], r"labels\.npy: must hold 7 whole numbers.* array \(8,\)"),
    "a column": (LABELS[:, None], r"labels\.npy: must hold 7 whole numbers"),
    "shares": (LABELS / 3, "of float64"),
    "past the classes": ([2, 0, 1, 3, 0, 2, 2], r"labels\.npy: item 3: label 3 is outside 0\.\.2"),
    "negative": ([2, 0, 1, 1, 0, 2, -1], r"labels\.npy: item 6: label -1 is outside"),
    "a class without": ([0, 0, 1, 1, 0, 1, 1], r"labels\.npy: holds no label of ship"),
}


@pytest.mark.parametrize("case", WRONG_LABELS)
def test_what_is_wrong_with_labels_is_said(monkeypatch, case):
    monkeypatch.setattr(arrays, "BLOCK_BYTES", 120)
    values, message = WRONG_LABELS[case]
    np.save("labels.npy", values)
    with pytest.raises(InputError, match=message):
        ingest()


def test_a_missing_file_is_named():
    Path("labels.npy").unlink()
    with pytest.raises(InputError, match=r"labels\.npy: no such file"):
        ingest()
