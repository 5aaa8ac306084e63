import errno
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vaepipe.core.errors import InputError
from vaepipe.datasets import images as module
from vaepipe.datasets.images import (
    Images,
    Kind,
    describe,
    first_of_each,
    read_blocks,
    read_images,
    read_kind,
    read_split,
    shared_images,
    writing,
)

KIND = Kind((2, 3), ("x", "y", "z"), "data/raw/a.csv")
LABELS = np.array([2, 0, 1, 1, 0])
CLEAN = np.arange(30, dtype=np.float32).reshape(5, 6) / np.float32(255)


@pytest.fixture
def split(tmp_path):
    path = tmp_path / "images.parquet"
    with writing(path, KIND, ["clean", "noisy"], np.float32) as file:
        file.write(LABELS[:3], CLEAN[:3], 1 - CLEAN[:3])
        file.write(LABELS[3:], CLEAN[3:].reshape(2, 2, 3), 1 - CLEAN[3:])
    return path


def test_images_are_read_as_they_were_written(split):
    images = read_images(split)
    assert images.kind == read_kind(split) == KIND
    assert images.labels.tolist() == LABELS.tolist()
    assert (images.pixels["clean"] == CLEAN).all()
    assert (images.pixels["noisy"] == 1 - CLEAN).all()


@pytest.mark.parametrize("decoded", [1, 12, 17])
def test_rows_at_a_time_make_no_difference(split, described, monkeypatch, decoded):
    monkeypatch.setattr(module, "DECODED", decoded)
    pixels = read_images(split).pixels
    assert (pixels["clean"] == CLEAN).all() and (pixels["noisy"] == 1 - CLEAN).all()
    pixels["clean"] += 1  # it is the reader's own memory
    assert read_images(described).attributes["label"].tolist() == list("abcab")


def test_a_file_without_images_has_none(tmp_path):
    path = tmp_path / "none.parquet"
    with writing(path, KIND, ["image"], np.uint8):
        pass
    images = read_images(path)
    assert images.labels.shape == (0,) and images.labels.dtype == np.int64
    assert images.pixels["image"].shape == (0, 6) and images.pixels["image"].dtype == np.uint8


def test_pandas_is_not_imported_to_read_and_write(split, tmp_path):
    """A third of a second of each node."""
    script = """
import sys
from pathlib import Path
from vaepipe.datasets.images import read_images, writing
images = read_images(Path(sys.argv[1]))
with writing(Path(sys.argv[2]), images.kind, list(images.pixels), "float32") as file:
    file.write(images.labels, *images.pixels.values())
assert "pandas" not in sys.modules
"""
    copy = tmp_path / "copy.parquet"
    subprocess.run([sys.executable, "-c", script, split, copy], check=True)
    pixels = read_images(copy).pixels
    assert (pixels["clean"] == CLEAN).all() and (pixels["noisy"] == 1 - CLEAN).all()


def test_blocks_are_the_file_in_order(split):
    blocks = list(read_blocks(split, 2))
    assert [len(block.labels) for block in blocks] == [2, 2, 1]
    assert all(block.kind == KIND for block in blocks)
    assert (np.concatenate([block.pixels["clean"] for block in blocks]) == CLEAN).all()


def test_a_split_for_people_has_the_shape_of_the_images(split):
    found = read_split(split)
    assert found.images.shape == found.noisy.shape == (5, 2, 3)
    assert (found.images.reshape(5, 6) == CLEAN).all()
    assert (found.noisy.reshape(5, 6) == 1 - CLEAN).all()
    assert found.characters.tolist() == ["z", "x", "y", "y", "x"]


def test_colour_images_and_long_names_come_back(tmp_path):
    path, names = tmp_path / "colour", ("airplane", "dog")
    clean = np.random.default_rng(0).random((3, 4, 5, 3), np.float32)
    with writing(path, Kind((4, 5, 3), names, "x"), ["clean", "noisy"], np.float32) as file:
        file.write(np.array([1, 0, 1]), clean, 1 - clean)
    found = read_split(path)
    assert (found.images == clean).all()
    assert (found.noisy == 1 - clean).all()
    assert found.characters.tolist() == ["dog", "airplane", "dog"]
    images = read_images(path)
    assert images.pixels["clean"].shape == (3, 60)
    described = describe(images, images)
    assert described["shape"] == [4, 5, 3]
    assert described["classes"] == ["airplane", "dog"]


ATTRIBUTES = {"hair": np.array(["2", "10", "", "2", "2"]), "label": np.array(list("abcab"))}


@pytest.fixture
def described(tmp_path):
    """Images with attributes, one of which has the name of a column."""
    path = tmp_path / "described.parquet"
    kind = replace(KIND, attributes=tuple(ATTRIBUTES))
    with writing(path, kind, ["image"], np.uint8) as file:
        for rows in (slice(0, 3), slice(3, 5)):
            some = {name: values[rows] for name, values in ATTRIBUTES.items()}
            file.write(LABELS[rows], (255 * CLEAN[rows]).astype(np.uint8), attributes=some)
    return path


def test_attributes_are_columns_of_their_own(described):
    images = read_images(described)
    assert images.kind.attributes == ("hair", "label")
    assert list(images.pixels) == ["image"] and images.pixels["image"].shape == (5, 6)
    assert images.labels.tolist() == LABELS.tolist()
    for name, values in ATTRIBUTES.items():
        assert images.attributes[name].tolist() == values.tolist()
        blocks = list(read_blocks(described, 2))
        assert np.concatenate([b.attributes[name] for b in blocks]).tolist() == values.tolist()
    table = pq.read_table(described)
    assert table["attribute_hair"].to_pylist() == ATTRIBUTES["hair"].tolist()


def test_attributes_other_than_those_named_are_refused(described):
    table = pq.read_table(described)
    pq.write_table(table.drop_columns("attribute_hair"), described)
    with pytest.raises(InputError, match=r"described\.parquet: not a readable Parquet"):
        read_images(described)
    pq.write_table(table.select([0, 1, 3, 2]), described)
    with pytest.raises(InputError, match="not the attributes hair, label"):
        read_kind(described)


def test_attributes_without_their_strings_are_refused():
    places = pa.array([0, 1, 7], pa.int32())
    wrong = pa.DictionaryArray.from_arrays(places, ["a", "b"], safe=False)
    with pytest.raises(pa.ArrowInvalid, match="out of bounds"):
        module._strings(pa.chunked_array([wrong]))


def test_images_without_attributes_have_none(split):
    assert read_images(split).attributes == {}
    assert b"attributes" not in pq.read_metadata(split).metadata[b"vaepipe"]


def test_the_first_image_of_each_class(split):
    assert first_of_each(read_images(split)).tolist() == [1, 2, 0]


def test_a_description_counts_the_images(split):
    images = read_images(split)
    assert describe(images, images) == {
        "train": {"source": "data/raw/a.csv", "images": 5},
        "test": {"source": "data/raw/a.csv", "images": 5},
        "shared": 5,
        "shape": [2, 3],
        "classes": ["x", "y", "z"],
    }


def test_corrupt_parquet_is_named(tmp_path, split):
    target = split
    content = target.read_bytes()
    for wrong in (b"", content[:200], content[:4] + b"\0" * 400 + content[404:]):
        target.write_bytes(wrong)
        with pytest.raises(InputError, match=r"images\.parquet: not a readable Parquet"):
            read_images(target)


@pytest.mark.parametrize("column", ["label", "clean", "noisy"])
def test_missing_values_are_refused(split, column):
    table = pq.read_table(split)
    place = table.column_names.index(column)
    values = table[column].to_pylist()
    for wrong in (None, [None, *values[0][1:]] if column != "label" else None):
        changed = pa.array([wrong, *values[1:]], table.schema.field(column).type)
        pq.write_table(table.set_column(place, table.schema.field(column), changed), split)
        for read in (read_images, lambda path: list(read_blocks(path, 2))):
            with pytest.raises(InputError, match=r"images\.parquet: not a readable Parquet"):
                read(split)


def test_damage_anywhere_in_the_pixels_is_found(split):
    content = split.read_bytes()
    pages = pq.read_metadata(split).row_group(0)
    for column in (pages.column(index) for index in range(pages.num_columns)):
        start = column.dictionary_page_offset
        for place in range(start, start + column.total_compressed_size):
            damaged = bytearray(content)
            damaged[place] ^= 1
            split.write_bytes(damaged)
            try:
                pixels = read_images(split).pixels
            except InputError:
                continue
            assert (pixels["clean"] == CLEAN).all() and (pixels["noisy"] == 1 - CLEAN).all()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EMFILE, "Too many open files"),
        OSError(errno.EIO, "Error reading bytes from file"),
        PermissionError(errno.EACCES, "Permission denied"),
        pa.ArrowException("Unknown error: Failed to launch worker thread"),
        pa.ArrowMemoryError("malloc of size 64 failed"),
    ],
)
def test_a_failure_of_the_system_is_not_called_damage(monkeypatch, split, error):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(pq.ParquetFile, "read", fail)
    with pytest.raises(OSError, match=r"images\.parquet") as caught:
        read_images(split)
    assert caught.value.errno and caught.value.strerror in str(error)
    assert "elete" not in str(caught.value)


def test_a_foreign_parquet_is_named(tmp_path):
    path = tmp_path / "foreign.parquet"
    pq.write_table(pa.table({"label": [1]}), path)
    with pytest.raises(InputError, match=r"foreign\.parquet: not a readable Parquet"):
        read_images(path)


@pytest.mark.parametrize(
    ("place", "type_"),
    [
        (0, pa.bool_()),
        (0, pa.string()),
        (0, pa.int32()),
        (1, pa.list_(pa.bool_(), 6)),
        (1, pa.list_(pa.float64(), 6)),
        (1, pa.list_(pa.time32("s"), 6)),
        (1, pa.list_(pa.float32())),
        (1, pa.struct([("a", pa.float32())])),
    ],
)
def test_columns_of_other_types_are_refused(split, place, type_):
    table = pq.read_table(split)
    field = pa.field(table.column_names[place], type_)
    wrong = pa.nulls(len(table), type_)
    pq.write_table(table.set_column(place, field, wrong), split)
    for read in (read_images, read_kind, lambda path: list(read_blocks(path, 2))):
        with pytest.raises(InputError, match="its columns are not labels and images"):
            read(split)


def test_two_columns_of_one_name_are_refused(split):
    table = pq.read_table(split)
    pq.write_table(table.append_column(table.schema.field(1), table.column(1)), split)
    for read in (read_images, read_kind, lambda path: list(read_blocks(path, 2))):
        with pytest.raises(InputError, match="two of its columns have one name"):
            read(split)


@pytest.mark.parametrize("pixels", [CLEAN > 0.5, CLEAN.astype(">f4"), CLEAN.astype(np.uint8)])
def test_pixels_of_another_type_are_not_written(tmp_path, pixels):
    with (
        pytest.raises(ValueError, match=f"{pixels.dtype} cannot be written as float"),
        writing(tmp_path / "wide.parquet", KIND, ["image"], np.float32) as file,
    ):
        file.write(LABELS, pixels)


def test_images_without_a_side_are_refused(tmp_path):
    path = tmp_path / "flat.parquet"
    with writing(path, replace(KIND, shape=(0, 28)), ["image"], np.uint8):
        pass
    with pytest.raises(InputError, match=r"flat\.parquet: not a readable Parquet"):
        read_images(path)


def test_shared_images_are_equal_to_the_last_bit():
    def split(*rows):
        pixels = {"clean": np.array(rows, dtype=np.float32)}
        return Images(Kind((1, 2), ("A",), "x.csv"), np.zeros(len(rows), int), pixels)

    train = split([0, 1], [0.5, 0.5], [0.5, 0.5])
    assert shared_images(train, split([0.5, 0.5], [1, 0], [0, 1], [0, 1])) == 3
    assert shared_images(train, split([1, 0])) == 0
