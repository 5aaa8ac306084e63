import io
import pickle
import zipfile

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import npz, streams
from vaepipe.datasets.images import read_images

LABELS = np.array([3, 0, 9, 3, 1])
IMAGES = np.arange(5 * 12 * 11).astype(np.uint8).reshape(5, 12, 11)


def read_all(path, part="train", orientation="upright"):
    blocks = list(npz.read(path, part, "mnist", orientation))
    return tuple(np.concatenate(part) for part in zip(*blocks, strict=True))


@pytest.fixture
def path(tmp_path):
    """As numpy writes it, train and test not alike."""
    path = tmp_path / "mnist.npz"
    arrays = {"x_train": IMAGES, "y_train": LABELS.astype(np.uint8)}
    np.savez(path, **arrays, x_test=IMAGES[:2] + 1, y_test=LABELS[:2])
    return path


@pytest.mark.parametrize("most", [1, 300, 10**6])
def test_what_numpy_has_written_is_read_whatever_the_blocks(path, monkeypatch, most):
    monkeypatch.setattr(streams, "BLOCK_BYTES", most)
    for part, labels, images in (("train", LABELS, IMAGES), ("test", LABELS[:2], IMAGES[:2] + 1)):
        found_labels, found = read_all(path, part)
        assert found_labels.tolist() == labels.tolist()
        assert (found == images).all()


@pytest.mark.parametrize("dtype", ["<i8", ">i4", "u1"])
def test_what_was_written_is_what_numpy_reads(tmp_path, dtype):
    path = tmp_path / "mnist.npz"
    npz.write(path, x_train=IMAGES.transpose(0, 2, 1).copy(), y_train=LABELS.astype(dtype))
    with np.load(path, allow_pickle=False) as file:
        assert (file["y_train"] == LABELS).all()
    labels, images = read_all(path, orientation="transposed")
    assert labels.tolist() == LABELS.tolist()
    assert (images == IMAGES).all()


def test_both_parts_of_a_source_are_read(tmp_path, path):
    targets = [tmp_path / f"{part}.parquet" for part in npz.PARTS]
    npz.ingest(targets, str(path), split="mnist", orientation="transposed", classes="03")
    train, test = map(read_images, targets)
    assert train.kind.shape == (11, 12)
    assert [images.kind.source for images in (train, test)] == [
        f"{path}: x_{part}" for part in npz.PARTS
    ]
    assert train.labels.tolist() == [1, 0, 1]
    assert test.labels.tolist() == [1, 0]
    first = train.pixels["image"][0].reshape(11, 12)
    assert (first == IMAGES[0].T).all()


class Hostile:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


def zipped(path, **contents):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"{name}.npy", content)


def array(values) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.asarray(values), allow_pickle=True)
    return buffer.getvalue()


def of(**changed) -> dict[str, bytes]:
    return {"x_train": array(IMAGES), "y_train": array(LABELS), **changed}


def headed(header: str, version: int = 1, length: int | None = None) -> bytes:
    """An array with a header of our own."""
    size = (len(header) if length is None else length).to_bytes(2 * version, "little")
    return npz.MAGIC + bytes([version, 0]) + size + header.encode() + IMAGES.tobytes()


SAID = "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }"
WRONG = {
    "no array": ({"y_train": array(LABELS)}, "holds no array x_train"),
    "objects": (of(y_train=array([Hostile()] * 5)), "y_train: must hold whole numbers"),
    "a pickle": (of(y_train=pickle.dumps(Hostile())), "y_train: not a readable array"),
    "no header": (of(x_train=b"\x93NUMPY\x01"), "x_train: not a readable array"),
    "a newer header": (of(x_train=headed(SAID % "(5, 12, 11)", 3)), "not a readable array"),
    "a header of 4 GB": (of(x_train=headed("", 2, 2**32 - 1)), "x_train: not a readable array"),
    "a header cut off": (of(x_train=headed("{'descr': '|u1', (5, \n")), "not a readable array"),
    "a header of code": (of(x_train=headed("__import__('os')")), "not a readable array"),
    "nested headers": (of(x_train=headed("(" * 9000)), "not a readable array"),
    "no type": (of(x_train=headed("{'descr': (), 'shape': (5,)}")), "must hold whole numbers"),
    "a long shape": (of(x_train=headed(SAID % f"({'1,' * 3000})")), "holds images of 1 x"),
    "shape of a bool": (of(x_train=headed(SAID % "(True, 12, 11)")), "must hold whole numbers"),
    "negative shape": (of(x_train=headed(SAID % "(-5, 12, 11)")), "must hold whole numbers"),
    "columns first": (of(x_train=array(np.asfortranarray(IMAGES))), "must hold whole numbers"),
    "floats": (of(x_train=array(IMAGES / 255)), "x_train: must hold whole numbers"),
    "16 bits": (of(x_train=array(IMAGES.astype(np.uint16))), "must be uint8, but these are uint16"),
    "shares": (of(y_train=array(LABELS / 9)), "y_train: must hold whole numbers"),
    "rows": (of(x_train=array(IMAGES.reshape(5, 132))), r"holds images of 132 pixels"),
    "small": (of(x_train=array(IMAGES[:, :8, :8])), r"images of 8 x 8 pixels; from 11 to 1024"),
    "one more": (of(y_train=array([*LABELS, 1])), r"5 images, but labels of shape \(6,\)"),
    "a letter": (of(y_train=array([3, 0, 1, 12, 3])), r"y_train, item 4: label 12 is outside"),
    "negative": (of(y_train=array([3, -1, 1, 1, 3])), r"y_train, item 2: label -1 is outside"),
    "cut": (of(x_train=array(IMAGES)[:-1]), "x_train: has fewer values"),
    "longer": (of(x_train=array(IMAGES) + b"1"), "x_train: has more values"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_and_nothing_is_run(tmp_path, case):
    contents, message = WRONG[case]
    path = tmp_path / "mnist.npz"
    zipped(path, **contents)
    with pytest.raises(InputError, match=rf"mnist\.npz.*{message}") as caught:
        npz.ingest_part(path, "train", tmp_path / "x.parquet", "mnist", "upright", "0139")
    assert len(str(caught.value).removeprefix(str(path))) < 300


def test_a_damaged_zip_is_named(tmp_path, path):
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 1  # in the first array, which has a checksum
    damaged = tmp_path / "damaged.npz"
    damaged.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged\.npz.*(damaged|unpacked|not a readable)"):
        read_all(damaged)
    damaged.write_bytes(path.read_bytes()[1:])  # so that it starts before its begin
    with pytest.raises(InputError, match=r"damaged\.npz: not a readable zip of arrays"):
        read_all(damaged)
    damaged.write_bytes(b"text")
    with pytest.raises(InputError, match=r"damaged\.npz: not a readable zip of arrays"):
        read_all(damaged)
    with pytest.raises(InputError, match=r"absent\.npz: no such file"):
        npz.ingest_part(tmp_path / "absent.npz", "train", damaged, "mnist", "upright", "0")
