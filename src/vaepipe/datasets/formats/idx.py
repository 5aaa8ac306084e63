"""IDX files: a big-endian header (a magic number, then the length of each dimension), uint8 values.

<http://yann.lecun.com/exdb/mnist/> describes them. MNIST and EMNIST come as a file of images and
one of labels, plain or packed by gzip; MNIST's images are upright, EMNIST's transposed.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
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
from vaepipe.datasets.formats.stored import stored
from vaepipe.datasets.formats.streams import Stream, blocks, opened
from vaepipe.datasets.images import Kind

LABELS_MAGIC = 2049
IMAGES_MAGIC = 2051


def ingest(
    targets: Sequence[Path],
    train: Mapping[str, str],
    test: Mapping[str, str],
    split: str,
    orientation: str,
    classes: str,
) -> None:
    """Read the files of a source into Parquet; raises InputError as `ingest_files` does."""
    for files, target in zip((train, test), targets, strict=True):
        paths = Path(files["images"]), Path(files["labels"])
        ingest_files(*paths, target, split, orientation, classes)


def ingest_files(
    images: Path, labels: Path, target: Path, split: str, orientation: str, classes: str
) -> None:
    """Keep the wanted classes of the images in a file; label i stands for classes[i].

    Streams: peak memory does not grow with the files. Raises InputError as `read` and
    `keep_classes` do.
    """
    with reading(images, labels):
        shape = _shape(images)
        kind = Kind(upright_shape(shape, orientation), tuple(classes), str(images))
        keep_classes(read(images, labels, split, orientation), kind, target, split)


def read(
    images: Path, labels: Path, split: str, orientation: str
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Stream two files as blocks of labels (n,) and upright uint8 images (n, height, width).

    Raises InputError that names the file if one is no IDX file of images or of labels, is cut off
    or goes on after its end, if they are not of as many items, or a label is outside the split's.
    """
    shape = _shape(images)
    with opened(images) as pictures, opened(labels) as numbers:
        pictured = count(pictures, IMAGES_MAGIC, shape)
        labelled = count(numbers, LABELS_MAGIC, ())
        if labelled != pictured:
            raise InputError(f"{images}: {pictured} images, but {labelled} labels in {labels}.")
        stored = blocks(pictures, numbers, pictured, shape)
        yield from read_upright(stored, labels, split, orientation)


def write(path: Path, items: np.ndarray, *, packed: bool) -> None:
    """Write uint8 labels (n,) or images as stored (n, rows, columns)."""
    magic = LABELS_MAGIC if items.ndim == 1 else IMAGES_MAGIC
    content = struct.pack(f">{1 + items.ndim}I", magic, *items.shape)
    content += items.astype(np.uint8).tobytes()
    path.write_bytes(stored(content) if packed else content)


def count(stream: Stream, magic: int, shape: tuple[int, ...]) -> int:
    """The number of items that a header states; leaves the stream at the first value.

    Raises InputError if the file has another magic number or items of another shape.
    """
    lengths = _header(stream, magic, 1 + len(shape))
    if lengths and tuple(lengths[1:]) == shape:
        return lengths[0]
    raise InputError(
        f"{stream.name}: not an IDX file with the magic number {magic} and items of shape {shape}."
    )


def _shape(images: Path) -> tuple[int, int]:
    """Rows and columns of the images in a file, as stored."""
    with opened(images) as stream:
        lengths = _header(stream, IMAGES_MAGIC, 3)
    if not lengths:
        raise InputError(f"{images}: not an IDX file of images (magic number {IMAGES_MAGIC}).")
    _, rows, columns = lengths
    check_sides(str(images), (rows, columns))
    return rows, columns


def _header(stream: Stream, magic: int, dimensions: int) -> list[int] | None:
    """The lengths of a file's dimensions; None if it has another magic number or no header."""
    size = 4 * (1 + dimensions)
    content = stream.read(size)
    found, *lengths = struct.unpack(f">{1 + dimensions}I", content.ljust(size, b"\0"))
    return lengths if found == magic and len(content) == size else None
