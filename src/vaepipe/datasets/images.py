"""Labelled images as Parquet: fixed-size lists of pixels; shape and class names in the metadata.

An ingested file has the columns `label` (index into the class names) and `image` (uint8). A
corrupted one has `label`, `clean` and `noisy` (float32 in [0, 1], on the 8-bit grid k / 255,
which the dictionary encoding turns into one byte a pixel). Either may have a column of strings,
`attribute_<name>`, for each attribute of its images, after those of pixels.
"""

import errno
import hashlib
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError
from vaepipe.core.files import fault
from vaepipe.core.inputs import reading

FILES = ("train.parquet", "test.parquet")
"""The files of a data set, one a split."""
DECODED = 2**20
"""Pixels of a column that are decoded at a time where a whole file is read."""

_KEY = b"vaepipe"
_ATTRIBUTE = "attribute_"
_STRINGS = pa.dictionary(pa.int32(), pa.string())
_PIXELS = (pa.uint8(), pa.float32())


@dataclass(frozen=True)
class Kind:
    """What the images of a file have in common."""

    shape: tuple[int, ...]
    classes: tuple[str, ...]
    source: str
    """The file that the images were read from, as params.yaml names it."""
    attributes: tuple[str, ...] = ()
    """The names of what is told of each image beside its class."""


@dataclass(frozen=True)
class Images:
    """Labels (n,) and, for each column, pixels (n, pixels) of upright images.

    A label is an index into the classes of the kind. Attributes are strings (n,), by their names.
    """

    kind: Kind
    labels: np.ndarray
    pixels: dict[str, np.ndarray]
    attributes: dict[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True)
class Split:
    """A split of a data set, for people: images (n, height, width, …), floats in [0, 1]."""

    images: np.ndarray
    noisy: np.ndarray
    labels: np.ndarray
    """Indices into the classes, (n,)."""
    classes: tuple[str, ...]

    @property
    def characters(self) -> np.ndarray:
        """The name of each image's class, (n,)."""
        return np.array(self.classes)[self.labels]


class Writer:
    """Appends blocks of images to a Parquet file."""

    def __init__(self, file: pq.ParquetWriter, schema: pa.Schema):
        self._file = file
        self._schema = schema

    def write(
        self,
        labels: np.ndarray,
        *pixels: np.ndarray,
        attributes: Mapping[str, np.ndarray] = MappingProxyType({}),
    ) -> None:
        """Append labels (n,), for each column pixels (n, …), for each attribute strings (n,).

        Raises ValueError if pixels are not of the file's type.
        """
        arrays = [_array(labels.astype(np.uint8), pa.uint8())]
        for column, values in zip(list(self._schema)[1 : 1 + len(pixels)], pixels, strict=True):
            flat = _array(values, column.type.value_type)
            arrays.append(pa.FixedSizeListArray.from_arrays(flat, column.type.list_size))
        for column in list(self._schema)[len(arrays) :]:
            strings = attributes[column.name.removeprefix(_ATTRIBUTE)].tolist()
            arrays.append(pa.array(strings, pa.string()).cast(column.type))
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema))


@contextmanager
def writing(path: Path, kind: Kind, columns: Sequence[str], dtype: type) -> Iterator[Writer]:
    """A writer of a new file."""
    facts = {"shape": kind.shape, "classes": kind.classes, "source": kind.source}
    if kind.attributes:
        facts["attributes"] = kind.attributes
    pixels = pa.list_(pa.from_numpy_dtype(dtype), int(np.prod(kind.shape)))
    schema = pa.schema(
        [
            ("label", pa.uint8()),
            *((name, pixels) for name in columns),
            *((_ATTRIBUTE + name, _STRINGS) for name in kind.attributes),
        ],
        {_KEY: json.dumps(facts)},
    )
    with pq.ParquetWriter(
        path, schema, compression="zstd", use_dictionary=True, write_page_checksum=True
    ) as file:
        yield Writer(file, schema)


def read_images(path: Path) -> Images:
    """Read a whole file; raises InputError if it is missing or corrupt.

    Pixels go a few rows at a time to where they stay: what is decoded lies in the same memory each
    time, since fresh memory takes longer to get than to fill (half of the time of a whole table).
    """
    with _opened(path) as file:
        kind = _kind(file)
        table = file.read(["label", *(_ATTRIBUTE + name for name in kind.attributes)])
        pixels = {
            column.name: np.empty(
                (len(table), column.type.list_size), column.type.value_type.to_pandas_dtype()
            )
            for column in _of_pixels(file.schema_arrow, kind)
        }
        read, rows = 0, max(1, DECODED // math.prod(kind.shape))
        for batch in file.iter_batches(rows, columns=list(pixels)):
            for name, values in pixels.items():
                values[read : read + len(batch)] = _rows(batch[name])
            read += len(batch)
        if read != len(table):
            raise ValueError(f"it has {len(table)} labels, but {read} images")
        return Images(kind, _labels(table), pixels, _attributes(kind, table))


def read_split(path: Path) -> Split:
    """Read a file of a prepared data set; raises InputError if it is missing or corrupt."""
    images = read_images(path)
    kind = images.kind
    clean, noisy = (images.pixels[name].reshape(-1, *kind.shape) for name in ("clean", "noisy"))
    return Split(clean, noisy, images.labels, kind.classes)


def read_blocks(path: Path, rows: int) -> Iterator[Images]:
    """Read a file as blocks of the given number of rows (the last may be shorter)."""
    with _opened(path) as file:
        kind = _kind(file)
        for batch in file.iter_batches(rows):
            table = pa.Table.from_batches([batch])
            columns = [column.name for column in _of_pixels(batch.schema, kind)]
            pixels = {name: _rows(batch[name]) for name in columns}
            yield Images(kind, _labels(table), pixels, _attributes(kind, table))


def fingerprint(images: Images) -> str:
    """SHA-256 over what models see of images: labels, pixels, shape and classes."""
    total = hashlib.sha256(repr((images.kind.shape, images.kind.classes)).encode())
    for array in (images.labels, *images.pixels.values()):
        total.update(np.ascontiguousarray(array))
    return total.hexdigest()


def first_of_each(images: Images) -> np.ndarray:
    """The row of the first image of each class, (classes,)."""
    return np.array([np.argmax(images.labels == i) for i in range(len(images.kind.classes))])


def describe(train: Images, test: Images) -> dict[str, Any]:
    """Where the images come from, how many there are, and how many test images training saw."""
    return {
        "train": {"source": train.kind.source, "images": len(train.labels)},
        "test": {"source": test.kind.source, "images": len(test.labels)},
        "shared": shared_images(train, test),
        "shape": list(train.kind.shape),
        "classes": list(train.kind.classes),
    }


def shared_images(train: Images, test: Images) -> int:
    """How many clean test images stand in the training split too, to the last bit."""
    seen = {image.tobytes() for image in train.pixels["clean"]}
    return sum(image.tobytes() in seen for image in test.pixels["clean"])


def read_kind(path: Path) -> Kind:
    """What the images of a file have in common, without reading them."""
    with _opened(path) as file:
        return _kind(file)


@contextmanager
def explaining(path: Path, explain: Callable[[str, bool], str]) -> Iterator[None]:
    """Turn what Arrow raises at a damaged file into an InputError, the rest into an OSError.

    Only the first says that the file is at fault. `explain` gets the reason and whether the values
    (not their compression) are wrong, and gives what to say after the path.
    """
    try:
        yield
    except (ValueError, OSError, pa.ArrowException) as error:
        reason = str(error).splitlines()[0]
        values = isinstance(error, (ValueError, pa.ArrowNotImplementedError))
        decoder = isinstance(error, OSError) and error.errno is None and not shortage(error)
        if values or decoder:
            raise InputError(f"{path}: {explain(reason, values)}") from error
        # Arrow has no number for a lack of threads or memory.
        number = getattr(error, "errno", None) or errno.EAGAIN
        raise OSError(number, reason, str(path)) from error


@contextmanager
def _opened(path: Path) -> Iterator[pq.ParquetFile]:
    def explain(reason: str, values: bool) -> str:
        return (
            f"not a readable Parquet file of images ({reason}). "
            "Delete it and run again: it will be made anew."
        )

    with (
        explaining(path, explain),
        reading(path),
        pq.ParquetFile(path, page_checksum_verification=True) as file,
    ):
        yield file


def _kind(file: pq.ParquetFile) -> Kind:
    metadata = file.schema_arrow.metadata or {}
    if _KEY not in metadata:
        raise ValueError("its schema has no metadata of vaepipe")
    try:
        kind = TypeAdapter(Kind).validate_json(metadata[_KEY], strict=True)
    except ValidationError as error:
        raise ValueError(fault(error)) from error
    schema = file.schema_arrow
    pixels = {(number, math.prod(kind.shape)) for number in _PIXELS}
    images = _of_pixels(schema, kind)
    found = {
        (getattr(of.type, "value_type", None), getattr(of.type, "list_size", None)) for of in images
    }
    first = [(of.name, of.type) for of in schema][:1]  # none where there is no column
    if first != [("label", pa.uint8())] or min(kind.shape) < 1 or not found or not found <= pixels:
        raise ValueError(f"its columns are not labels and images of the shape {kind.shape}")
    attributes = [pa.field(_ATTRIBUTE + name, _STRINGS) for name in kind.attributes]
    if list(schema)[1 + len(images) :] != attributes:
        raise ValueError(f"its last columns are not the attributes {', '.join(kind.attributes)}")
    if len(set(schema.names)) < len(schema):
        raise ValueError("two of its columns have one name")
    return kind


def _of_pixels(schema: pa.Schema, kind: Kind) -> list[pa.Field]:
    """The columns of images: those between the label and the attributes."""
    return list(schema)[1 : len(schema) - len(kind.attributes)]


def _rows(column: pa.FixedSizeListArray) -> np.ndarray:
    """Pixels (n, pixels)."""
    return _numbers(column.flatten()).reshape(len(column), column.type.list_size)


def _labels(table: pa.Table) -> np.ndarray:
    return _numbers(table["label"].combine_chunks()).astype(np.int64)


def _attributes(kind: Kind, table: pa.Table) -> dict[str, np.ndarray]:
    return {name: _strings(table[_ATTRIBUTE + name]) for name in kind.attributes}


def _strings(column: pa.ChunkedArray) -> np.ndarray:
    column.validate(full=True)  # whether all strings are there
    found = column.unify_dictionaries().combine_chunks()
    return np.array(found.dictionary.to_pylist(), dtype=str)[_numbers(found.indices)]


def _array(numbers: np.ndarray, of: pa.DataType) -> pa.Array:
    """Numbers of any shape, one after another.

    Not by Arrow's own function: it imports pandas, which takes a third of a second.
    """
    if numbers.dtype != of.to_pandas_dtype():
        raise ValueError(f"{numbers.dtype} cannot be written as {of}")
    memory = pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(of, numbers.size, [None, memory])


def _numbers(array: pa.Array) -> np.ndarray:
    """The values of an array, none of which may be missing. It does not import pandas either."""
    if array.null_count:
        raise ValueError(f"{array.null_count} values are missing")
    return np.from_dlpack(array)
