"""Arrays in numpy's own files: uint8 images, and whole numbers as their labels.

Images are (n, height, width) or (n, height, width, 1), which are grey, or (n, height, width, 3),
upright. The form of a file is that of <https://numpy.org/doc/stable/reference/generated/
numpy.lib.format.html>. Files are mapped into memory and read block by block; objects, which would
have to be unpickled, are refused.
"""

import math
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.datasets.formats.classes import write_classes
from vaepipe.datasets.formats.streams import BLOCK_BYTES
from vaepipe.datasets.images import Kind

LONGEST = 1024
"""Pixels of a side of an image."""
_UNREADABLE = (
    *(ValueError, TypeError, EOFError, OverflowError, MemoryError, RecursionError, SyntaxError),
    tokenize.TokenError,
)
"""What numpy raises at a header that is none."""


def ingest(
    targets: Sequence[Path],
    train: Mapping[str, str],
    test: Mapping[str, str],
    classes: Sequence[str],
) -> None:
    """Read both splits of a source into Parquet; raises InputError as `ingest_part` does.

    A split names the files of its `images` and `labels`. Raises InputError too if the images of
    the two are not of one shape.
    """
    splits = [{part: Path(path) for part, path in split.items()} for split in (train, test)]
    with reading(*(split["images"] for split in splits)):
        first, second = (shape_of(map_images(split["images"])) for split in splits)
    if first != second:
        raise InputError(
            f"{train['images']}: holds images of {_sides(first)}, but {test['images']} of "
            f"{_sides(second)}; train and test must be alike."
        )
    for split, target in zip(splits, targets, strict=True):
        ingest_part(split["images"], split["labels"], target, classes)


def ingest_part(images: Path, labels: Path, target: Path, classes: Sequence[str]) -> None:
    """Write all images; label i stands for classes[i].

    Labels in the same file as the images mean that there are none: all are of the one class.
    Peak memory does not grow with the files, but for pages that the system may take back. Raises
    InputError as `read` does, and if there is no image of a class.
    """
    with reading(images, labels):
        kind = Kind(shape_of(map_images(images)), tuple(classes), str(images))
        blocks = read(images, labels, len(classes))
        missing = write_classes(blocks, range(len(classes)), kind, target)
    if missing:
        raise InputError(
            f"{labels}: holds no label of {', '.join(missing)}. Correct `classes` in params.yaml, "
            "or name another file."
        )


def read(images: Path, labels: Path, classes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Blocks of labels (n,) below `classes` and uint8 images (n, height, width[, 3]).

    Raises InputError that names the file if it is no array, is damaged, cut off or of another
    form, or there are not as many labels as images, or a label is none.
    """
    pixels = map_images(images)
    shape = shape_of(pixels)
    found = np.zeros(len(pixels), np.uint8) if labels == images else map_array(labels)
    if found.dtype.kind not in "iu" or found.shape != pixels.shape[:1]:
        raise InputError(
            f"{labels}: must hold {len(pixels)} whole numbers, one for each image, but is an array "
            f"{found.shape!s:.40} of {found.dtype!s:.40}."
        )
    most = max(1, BLOCK_BYTES // math.prod(shape))
    for start in range(0, len(pixels), most):
        block = found[start : start + most]
        wrong = np.flatnonzero((block < 0) | (block >= classes))
        if wrong.size:
            raise InputError(
                f"{labels}: item {start + wrong[0]}: label {block[wrong[0]]} is outside "
                f"0..{classes - 1}, the labels of `classes` in params.yaml."
            )
        yield block.astype(np.int64), pixels[start : start + most].reshape(-1, *shape)


def map_images(path: Path) -> np.ndarray:
    """An array of images, mapped; raises InputError as `map_array` does or if it holds none."""
    array = map_array(path)
    sides, colours = array.shape[1:3], array.shape[3:]
    if array.dtype != np.uint8 or len(sides) != 2 or colours not in ((), (1,), (3,)):
        raise InputError(
            f"{path}: must hold uint8 images (n, height, width) or (n, height, width, channels) "
            f"of 1 or 3 channels, but is an array {array.shape!s:.60} of {array.dtype!s:.40}."
        )
    if not len(array) or not all(1 <= side <= LONGEST for side in sides):
        raise InputError(
            f"{path}: is an array {array.shape!s:.60}; images of 1 to {LONGEST} pixels a side are "
            "supported, and at least one."
        )
    return array


def map_array(path: Path) -> np.ndarray:
    """An array whose last axis lies closest, mapped; InputError if the file holds anything else."""
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except _UNREADABLE as error:
        raise InputError(
            f"{path}: not a readable array of numpy, or cut off ({error!s:.120}). Write it with "
            "`np.save`, of whole numbers."
        ) from error
    if not array.flags.c_contiguous:
        raise InputError(
            f"{path}: is stored column by column (Fortran's order). Write it with "
            "`np.save(path, np.ascontiguousarray(images))`."
        )
    if path.stat().st_size != array.offset + array.nbytes:
        raise InputError(f"{path}: is longer than its header states.")
    return array


def shape_of(images: np.ndarray) -> tuple[int, ...]:
    """Of one image: (height, width), or (height, width, 3)."""
    return images.shape[1:3] if images.shape[3:] == (1,) else images.shape[1:]


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
