"""Keras's mnist.npz: a zip of the arrays x_train, y_train, x_test and y_test.

Images x are uint8 (n, height, width), upright as Keras shares them; labels y are whole numbers
(n,). The form of an array is that of <https://numpy.org/doc/stable/reference/generated/
numpy.lib.format.html>; objects, which would have to be unpickled, are refused.
"""

import ast
import errno
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.datasets.formats.characters import (
    check_sides,
    keep_classes,
    read_upright,
    upright_shape,
)
from vaepipe.datasets.formats.streams import Stream, blocks
from vaepipe.datasets.images import Kind

PARTS = ("train", "test")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MAGIC = b"\x93NUMPY"
LONGEST_HEADER = 10_000
"""Bytes: numpy's own limit."""


def ingest(targets: Sequence[Path], file: str, split: str, orientation: str, classes: str) -> None:
    """Read both parts of a source into Parquet; raises InputError as `ingest_part` does."""
    for part, target in zip(PARTS, targets, strict=True):
        ingest_part(Path(file), part, target, split, orientation, classes)


def ingest_part(
    source: Path, part: str, target: Path, split: str, orientation: str, classes: str
) -> None:
    """Keep the wanted classes of train or test; label i stands for classes[i].

    Streams: peak memory does not grow with the file. Raises InputError as `read` and
    `keep_classes` do.
    """
    with reading(source):
        with _array(source, f"x_{part}") as (images, _, shape):
            check_sides(images.name, shape[1:])
        kind = Kind(upright_shape(shape[1:], orientation), tuple(classes), images.name)
        keep_classes(read(source, part, split, orientation), kind, target, split)


def read(
    path: Path, part: str, split: str, orientation: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Stream train or test as blocks of labels (n,) and upright uint8 images (n, height, width).

    Raises InputError that names the file and the array if the file is no such zip or is damaged, an
    array is missing or has another form, there are not as many labels as images, or a label is
    outside the split's.
    """
    with (
        _array(path, f"x_{part}") as (images, of_images, shape),
        _array(path, f"y_{part}") as (labels, of_labels, labelled),
    ):
        check_sides(images.name, shape[1:])
        if of_images != np.uint8:
            raise InputError(f"{images.name}: images must be uint8, but these are {of_images}.")
        if labelled != shape[:1]:
            raise InputError(
                f"{images.name}: {shape[0]} images, but labels of shape {labelled!s:.40}."
            )
        stored = blocks(images, labels, shape[0], shape[1:], of_labels)
        yield from read_upright(stored, path, split, orientation, f"y_{part}, item")


def write(path: Path, **arrays: np.ndarray) -> None:
    """Write arrays by their names, packed."""
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


@contextmanager
def _array(path: Path, name: str) -> Iterator[tuple[Stream, np.dtype, tuple[int, ...]]]:
    """The values of an array of whole numbers, as a stream, with their type and shape."""
    with _member(path, name) as stream:
        header = _header(stream)
        match header:
            case {"descr": str(descr), "fortran_order": False, "shape": tuple(shape)} if (
                re.fullmatch("[<>|=]?[iu][1248]", descr)
                and all(type(length) is int and length >= 0 for length in shape)
            ):
                yield stream, np.dtype(descr), shape
            case _:
                raise InputError(
                    f"{stream.name}: must hold whole numbers, image after image, but its header "
                    f"says {header!s:.120}."
                )


def _header(stream: Stream) -> object:
    """What the header of an array says; InputError if there is none of version 1 or 2."""
    start = stream.read(len(MAGIC) + 2)
    sizes = {b"\1\0": 2, b"\2\0": 4}.get(start[len(MAGIC) :])
    if start.startswith(MAGIC) and sizes:
        length = int.from_bytes(stream.read(sizes), "little")
        if length <= LONGEST_HEADER:
            try:
                return ast.literal_eval(stream.read(length).decode("latin1").strip())
            except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
                pass
    raise InputError(f"{stream.name}: not a readable array of numpy.")


@contextmanager
def _member(path: Path, name: str) -> Iterator[Stream]:
    try:
        with zipfile.ZipFile(path) as archive:
            found = {member.filename: member for member in archive.infolist()}.get(f"{name}.npy")
            if found is None or found.compress_type not in PACKINGS or found.flag_bits & 1:
                raise InputError(f"{path}: holds no array {name} that could be read.")
            with archive.open(found) as file:
                yield Stream(f"{path}: {name}", file)
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a readable zip of arrays, or damaged ({error}).") from error
    except OSError as error:
        if error.errno == errno.EINVAL:  # a place before the file's begin
            raise InputError(f"{path}: not a readable zip of arrays, or damaged.") from error
        raise
