"""Content as gzip and zlib pack it, in bytes that are stated here and by no release of zlib."""

import struct
import zlib

_BLOCK = 0xFFFF
"""Bytes of a stored block, at the most."""


def stored(content: bytes) -> bytes:
    """A gzip file (RFC 1952) of stored blocks (RFC 1951, 3.2.4).

    It is as long as the content: compressed bytes would depend on the release of zlib, and the
    header that Python writes on Python's.
    """
    header = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    end = struct.pack("<2I", zlib.crc32(content), len(content) % 2**32)
    return b"".join((header, *_blocks(content), end))


def stored_zlib(content: bytes) -> bytes:
    """A zlib stream (RFC 1950) of stored blocks, as long as the content."""
    return b"".join((b"\x78\x01", *_blocks(content), struct.pack(">I", zlib.adler32(content))))


def _blocks(content: bytes) -> list[bytes]:
    parts = [content[start : start + _BLOCK] for start in range(0, len(content) or 1, _BLOCK)]
    return [
        struct.pack("<BHH", i == len(parts), len(part), len(part) ^ _BLOCK) + part
        for i, part in enumerate(parts, 1)
    ]
