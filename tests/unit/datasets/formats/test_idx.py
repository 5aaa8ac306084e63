import gzip
import logging
import struct

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats import idx, streams
from vaepipe.datasets.formats.stored import stored
from vaepipe.datasets.images import read_images

LABELS = np.array([3, 0, 9, 3, 1], np.uint8)


@pytest.fixture
def images():
    """Five upright images of 12 x 11 pixels, no two alike."""
    return np.arange(5 * 12 * 11).astype(np.uint8).reshape(5, 12, 11)


def written(folder, images, labels=LABELS, end=".gz"):
    paths = folder / f"images{end}", folder / f"labels{end}"
    for path, items in zip(paths, (images, labels), strict=True):
        idx.write(path, items, packed=False)
        if end == ".gz":
            path.write_bytes(gzip.compress(path.read_bytes()))
    return paths


def read_all(paths, orientation="upright"):
    blocks = list(idx.read(*paths, "mnist", orientation))
    return tuple(np.concatenate(part) for part in zip(*blocks, strict=True))


def test_a_file_is_in_the_form_that_is_described(tmp_path):
    """The header of MNIST's training labels, as its page has it, and the first of its labels."""
    path = tmp_path / "labels"
    idx.write(path, np.array([5, 0, 4], np.uint8), packed=False)
    assert path.read_bytes() == bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])
    idx.write(path, np.zeros((2, 28, 28), np.uint8), packed=False)
    assert path.read_bytes()[:16] == bytes([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28])


def test_a_packed_file_is_stored(tmp_path):
    for name, packed in (("labels", False), ("labels.gz", True)):
        idx.write(tmp_path / name, np.array([5], np.uint8), packed=packed)
    assert (tmp_path / "labels.gz").read_bytes() == stored((tmp_path / "labels").read_bytes())


@pytest.mark.parametrize("end", ["", ".gz"])
@pytest.mark.parametrize("most", [1, 300, 10**6])
def test_what_was_written_is_read_whatever_the_blocks(tmp_path, images, monkeypatch, end, most):
    monkeypatch.setattr(streams, "BLOCK_BYTES", most)
    labels, found = read_all(written(tmp_path, images, end=end))
    assert labels.tolist() == LABELS.tolist()
    assert (found == images).all()


def test_transposed_images_are_turned_upright(tmp_path, images):
    paths = written(tmp_path, images.transpose(0, 2, 1))
    assert (read_all(paths, "transposed")[1] == images).all()
    target = tmp_path / "images.parquet"
    idx.ingest_files(*paths, target, "mnist", "transposed", "39")
    found = read_images(target)
    assert found.kind.shape == (12, 11)
    assert (found.pixels["image"].reshape(-1, 12, 11) == images[[0, 2, 3]]).all()


def test_ingest_keeps_the_wanted_classes_in_their_order(tmp_path, images, caplog):
    paths, target = written(tmp_path, images), tmp_path / "images.parquet"
    with caplog.at_level(logging.WARNING):
        idx.ingest_files(*paths, target, "mnist", "upright", "93")
    found = read_images(target)
    assert found.kind.classes == ("9", "3")
    assert found.kind.source == str(paths[0])
    assert found.labels.tolist() == [1, 0, 1]
    assert (found.pixels["image"].reshape(-1, 12, 11) == images[[0, 2, 3]]).all()


def test_both_splits_of_a_source_are_read(tmp_path, images):
    files = {}
    for name in ("train", "test"):
        (tmp_path / name).mkdir()
        paths = written(tmp_path / name, images)
        files[name] = dict(zip(("images", "labels"), map(str, paths), strict=True))
    targets = [tmp_path / f"{name}.parquet" for name in files]
    idx.ingest(targets, **files, split="mnist", orientation="upright", classes="0139")
    sources = [read_images(target).kind.source for target in targets]
    assert sources == [files[name]["images"] for name in ("train", "test")]


def plain(path, content):
    path.write_bytes(content)
    return path


def test_what_is_wrong_is_said_with_the_file(tmp_path, images):
    good, labels = written(tmp_path, images)
    content = gzip.decompress(good.read_bytes())
    wrong = tmp_path / "wrong"

    def fails(message, pictures=good, numbers=labels, classes="0139"):
        target = tmp_path / "target.parquet"
        with pytest.raises(InputError, match=message):
            idx.ingest_files(pictures, numbers, target, "mnist", "upright", classes)

    fails(r"labels\.gz: not an IDX file of images", pictures=labels)
    fails(r"images\.gz: not an IDX file with the magic number 2049", numbers=good)
    fails(r"wrong: not an IDX file of images", pictures=plain(wrong, b""))
    fails(r"wrong: not an IDX file of images", pictures=plain(wrong, content[:14]))
    for sides in ((2**31, 2**31), (10, 12), (12, 0), (11, 1025)):
        other = struct.pack(">4I", idx.IMAGES_MAGIC, 5, *sides) + content[16:]
        shown = f"wrong: holds images of {sides[0]} x {sides[1]} pixels; from 11 to 1024 a side"
        fails(shown, pictures=plain(wrong, other))
    many = struct.pack(">4I", idx.IMAGES_MAGIC, 2**32 - 1, 12, 11) + content[16:]
    fails(r"wrong: 4294967295 images, but 5 labels in", pictures=plain(wrong, many))
    fails(r"wrong: has fewer values", pictures=plain(wrong, content[:-1]))
    fails(r"wrong: has more values", pictures=plain(wrong, content + b"1"))
    cut = good.read_bytes()[:-9]
    fails(r"wrong: cannot be unpacked", pictures=plain(wrong, cut))
    flipped = bytearray(good.read_bytes())
    flipped[40] ^= 8
    fails(r"wrong: (cannot be unpacked|not an IDX|has )", pictures=plain(wrong, bytes(flipped)))
    fails(r"absent: no such file", numbers=tmp_path / "absent")
    fails(r"images\.gz: holds no image of 7", classes="07")
    labels.unlink()
    idx.write(labels, np.array([3, 0, 10, 3, 1], np.uint8), packed=True)
    fails(r"labels\.gz: item 3: label 10 is outside 0\.\.9, the labels of the split 'mnist'")
