"""Pictures as PNG files, whose bytes are stated here and by no library."""

import struct
import zlib

import numpy as np

from vaepipe.datasets.formats.stored import stored_zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
RGB = 2
"""The type of colour."""


def encode(image: np.ndarray) -> bytes:
    """A PNG file (W3C, PNG, third edition) of an image uint8 (height, width, 3).

    Rows are neither filtered nor compressed, so that its bytes depend on the image only.
    """
    height, width, _ = image.shape
    rows = np.pad(image.reshape(height, 3 * width), ((0, 0), (1, 0))).tobytes()
    header = struct.pack(">2I5B", width, height, 8, RGB, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", stored_zlib(rows)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + _checksum(kind + content)


def _checksum(content: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(content))
