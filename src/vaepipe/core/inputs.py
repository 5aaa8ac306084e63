"""What a node reads: each input file with its MD5, which DVC states too.

A file that is replaced while a node reads it is refused; what becomes of it later changes nothing.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from vaepipe.core.errors import InputError


def existing(path: Path) -> Path:
    """The path itself; raises InputError if no file lies there."""
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    return path


def md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def stamp(path: Path) -> tuple[int, ...]:
    """What is another one after any change of a file or of where its name leads."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_ctime_ns


class Inputs:
    """The files that were read so far."""

    def __init__(self):
        self.digests: dict[str, str] = {}
        """The MD5 of each file, by its path."""
        self._stamps: dict[Path, tuple[int, ...]] = {}

    def before(self, path: Path) -> tuple[int, ...]:
        return self._stamps.get(path) or stamp(path)

    def note(self, path: Path, before: tuple[int, ...]) -> None:
        if path not in self._stamps:
            self.digests[path.as_posix()] = md5(path)
            self._stamps[path] = before
        if stamp(path) != before:
            raise InputError(
                f"{path}: was replaced while it was read, so nothing was written. Run the same "
                "command again."
            )


_INPUTS: ContextVar[Inputs | None] = ContextVar("inputs", default=None)


@contextmanager
def noting() -> Iterator[dict[str, str]]:
    """A block whose input files are noted: the MD5 of each that is read in it, by its path."""
    inputs = Inputs()
    token = _INPUTS.set(inputs)
    try:
        yield inputs.digests
    finally:
        _INPUTS.reset(token)


@contextmanager
def reading(*paths: Path) -> Iterator[None]:
    """A block that reads these files.

    Raises InputError if one is missing, or if it was replaced since the node first read it.
    """
    inputs = _INPUTS.get()
    before = {path: inputs.before(path) if inputs else () for path in map(existing, paths)}
    yield
    if inputs:
        for path, was in before.items():
            inputs.note(path, was)
