"""IDX files: a big-endian header (a magic number, then the length of each dimension), uint8 values.

<http://yann.lecun.com/exdb/mnist/> describes them. Read from streams that were compressed by gzip.
"""

import gzip
import struct
import zipfile
import zlib

import numpy as np

from vaepipe.core.errors import InputError

LABELS_MAGIC = 2049
IMAGES_MAGIC = 2051


def count(stream: gzip.GzipFile, magic: int, shape: tuple[int, ...]) -> int:
    """The number of items that a header states; leaves the stream at the first value.

    Raises InputError if the file has another magic number or items of another shape.
    """
    expected = (magic, *shape)
    size = 4 * (2 + len(shape))
    header = _read(stream, size)
    if len(header) == size:
        found, items, *lengths = struct.unpack(f">{size // 4}I", header)
        if (found, *lengths) == expected:
            return items
    raise InputError(
        f"{stream.name}: not an IDX file with the magic number {magic} and items of shape {shape}."
    )


def values(stream: gzip.GzipFile, size: int) -> np.ndarray:
    """The next uint8 values (size,); raises InputError if fewer are left."""
    content = _read(stream, size)
    if len(content) < size:
        raise InputError(f"{stream.name}: has fewer values than its header states.")
    return np.frombuffer(content, np.uint8)


def check_end(stream: gzip.GzipFile) -> None:
    """Raises InputError if values are left over."""
    if _read(stream, 1):
        raise InputError(f"{stream.name}: has more values than its header states.")


def _read(stream: gzip.GzipFile, size: int) -> bytes:
    try:
        return stream.read(size)
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(f"{stream.name}: cannot be unpacked ({error}).") from error
