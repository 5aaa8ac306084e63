"""Streams of values, plain or unpacked on the way; what is wrong is told with their names."""

import errno
import gzip
import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np

from vaepipe.core.errors import InputError

BLOCK_BYTES = 1 << 22

_PACKED = b"\x1f\x8b"

DAMAGED = (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, EOFError)


@dataclass(frozen=True)
class Stream:
    """Bytes that are read from front to end; all methods raise InputError if they are damaged."""

    name: str
    file: IO[bytes]

    def read(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        try:
            return self.file.read(size)
        except DAMAGED as error:
            raise InputError(f"{self.name}: cannot be unpacked ({error}).") from error
        except OSError as error:
            if error.errno == errno.EINVAL:  # a place before the file's begin
                raise InputError(f"{self.name}: cannot be unpacked ({error}).") from error
            raise

    def values(self, size: int, dtype: np.dtype | type = np.uint8) -> np.ndarray:
        """The next values (size,); raises InputError if fewer are left."""
        content = self.read(size * np.dtype(dtype).itemsize)
        if len(content) < size * np.dtype(dtype).itemsize:
            raise InputError(f"{self.name}: has fewer values than its header states.")
        return np.frombuffer(content, dtype)

    def check_end(self) -> None:
        """Raises InputError if values are left over."""
        if self.read(1):
            raise InputError(f"{self.name}: has more values than its header states.")


@contextmanager
def opened(path: Path) -> Iterator[Stream]:
    """A file from its front, unpacked on the way if it is packed by gzip."""
    with path.open("rb") as file:
        packed = file.read(len(_PACKED)) == _PACKED
        file.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield Stream(str(path), unpacked)
        else:
            yield Stream(str(path), file)


def blocks(
    images: Stream,
    labels: Stream,
    count: int,
    shape: tuple[int, int],
    dtype: np.dtype | type = np.uint8,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """So many labels of a type and uint8 images of a shape, as blocks (n,) and (n, *shape)."""
    most = max(1, BLOCK_BYTES // math.prod(shape))
    for start in range(0, count, most):
        size = min(most, count - start)
        found = labels.values(size, dtype).astype(np.int64)
        yield found, images.values(size * math.prod(shape)).reshape(size, *shape)
    for stream in (images, labels):
        stream.check_end()
