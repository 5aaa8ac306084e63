"""Archives of files (POSIX.1-1988 tar), plain or packed by gzip, read from front to end.

Nothing is written to the disk, and memory does not grow with the archive. Of what GNU's tar and pax
(POSIX.1-2001) state of a member beside its header, the path is read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vaepipe.core.errors import InputError
from vaepipe.datasets.formats.streams import BLOCK_BYTES, Stream, opened

ENDINGS = (".tar", ".tar.gz", ".tgz")
"""Of the names of archives."""
BLOCK = 512
FILE = (b"0", b"\0")
"""The types of a plain file; all others are links, folders, devices, or facts about the next."""
OF_THE_NEXT = (b"L", b"x")
"""The types of what may state the path of the next member: GNU's and pax's."""
LONGEST_PATH = 1 << 16
"""Bytes of such a statement."""


@dataclass
class _Part:
    """So many bytes of a file, from where it stands."""

    file: IO[bytes]
    left: int

    def read(self, size: int) -> bytes:
        content = self.file.read(min(size, self.left))
        self.left -= len(content)
        if self.left and len(content) < size:
            raise EOFError("the archive ends within it")
        return content


@dataclass(frozen=True)
class Member:
    """What stands in an archive under a name; its stream is to be read before the next member."""

    path: str
    size: int
    is_file: bool
    stream: Stream

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


def members(path: Path) -> Iterator[Member]:
    """What an archive holds, in its order.

    Raises InputError that names the file if it is no archive, is damaged or cut off.
    """
    with opened(path) as archive:
        stated = ""
        while any(header := archive.read(BLOCK)):
            short, size, kind = _header(path, header)
            part = _Part(archive.file, size + -size % BLOCK)
            name = stated or short
            stream = Stream(f"{path}: {name.rpartition('/')[2]}", _Part(part, size))
            if kind in OF_THE_NEXT:
                stated = _path(stream, size, kind) or stated
            else:
                stated = ""
                yield Member(name, size, kind in FILE, stream)
            rest = Stream(str(path), part)
            while rest.read(BLOCK_BYTES):
                pass
        if len(header) < BLOCK:
            raise InputError(f"{path}: is cut off, or no archive: fetch it again.")
        while archive.read(BLOCK_BYTES):  # so that its checksum is looked at
            pass


def _path(stream: Stream, size: int, kind: bytes) -> str:
    """The path that is stated of the next member, or nothing."""
    if size > LONGEST_PATH:
        raise InputError(f"{stream.name}: states more than {LONGEST_PATH} bytes of a member.")
    content = stream.read(size)
    if kind == b"L":
        return _text(content)
    found = re.search(rb"(?:^|\n)[0-9]+ path=([^\n]*)\n", content)
    return _text(found[1]) if found else ""


def _header(path: Path, header: bytes) -> tuple[str, int, bytes]:
    """The path, size and type of what follows a header."""
    try:
        stated = int(header[148:156].strip(b" \0"), 8)
        size = int(header[124:136].strip(b" \0") or b"0", 8)
    except ValueError:
        stated = size = -1
    blanked = header[:148] + b" " * 8 + header[156:]
    if len(header) < BLOCK or stated != sum(blanked) or size < 0:
        raise InputError(f"{path}: not a readable tar archive, or damaged: fetch it again.")
    name = _text(header[:100])
    before = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{before}/{name}" if before else name, size, header[156:157]


def _text(content: bytes) -> str:
    return content.split(b"\0")[0].decode("utf-8", "replace")
