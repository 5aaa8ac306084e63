"""Keras's mnist.npz: a zip of the arrays x_train, y_train, x_test and y_test.

Images x are uint8 (n, height, width), upright as Keras shares them; labels y are whole numbers
(n,). The form of an array is that of <https://numpy.org/doc/stable/reference/generated/
numpy.lib.format.html>; objects, which would have to be unpickled, are refused.
"""

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.datasets.formats.emnist import check_labels, keep_classes, upright
from vaepipe.datasets.formats.streams import DAMAGED, LONGEST, Stream, blocks
from vaepipe.datasets.images import Kind

PARTS = ("train", "test")
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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
        with _array(source, f"x_{part}") as (_, shape, _):
            sides = _sides(source, shape)
        kind = Kind(sides if orientation == "upright" else sides[::-1], tuple(classes), str(source))
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
        _array(path, f"x_{part}") as (images, shape, dtype),
        _array(path, f"y_{part}") as (labels, labelled, of_labels),
    ):
        sides = _sides(path, shape)
        if dtype != np.uint8:
            raise InputError(f"{images.name}: images must be uint8, but these are {dtype}.")
        if of_labels.kind not in "iu":
            raise InputError(f"{labels.name}: labels must be whole numbers, not {of_labels}.")
        if labelled != shape[:1]:
            raise InputError(f"{images.name}: {shape[0]} images, but labels of shape {labelled}.")
        done = 0
        for found, block in blocks(images, labels, shape[0], sides, of_labels):
            check_labels(path, found, split, f"y_{part}, item", done)
            yield found, upright(block, orientation)
            done += len(found)


def write(path: Path, **arrays: np.ndarray) -> None:
    """Write arrays by their names, packed."""
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _sides(path: Path, shape: tuple[int, ...]) -> tuple[int, int]:
    if len(shape) != 3 or not all(0 < side <= LONGEST for side in shape[1:]):
        raise InputError(
            f"{path}: images must be (n, height, width) of 1 to {LONGEST} pixels a side, but "
            f"these are {shape}."
        )
    return shape[1], shape[2]


@contextmanager
def _array(path: Path, name: str) -> Iterator[tuple[Stream, tuple[int, ...], np.dtype]]:
    """An array's values as a stream, its shape and its type."""
    with _member(path, name) as stream:
        try:
            version = np.lib.format.read_magic(stream.file)
            reader = {
                (1, 0): np.lib.format.read_array_header_1_0,
                (2, 0): np.lib.format.read_array_header_2_0,
            }[version]
            shape, transposed, dtype = reader(stream.file)
        except (*DAMAGED, KeyError, TypeError, ValueError, RecursionError) as error:
            reason = str(error).splitlines()[0][:120] if str(error) else "another version"
            raise InputError(f"{stream.name}: not a readable array of numpy ({reason}).") from error
        if dtype.hasobject or (transposed and len(shape) > 1):
            raise InputError(f"{stream.name}: must hold numbers, image after image.")
        yield stream, shape, dtype


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
