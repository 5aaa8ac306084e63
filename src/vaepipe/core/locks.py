"""What processes that run side by side share out among themselves: GPUs, lines of a terminal.

Locks on files in a folder that only this user reaches; a process that dies lets go of its own.
All functions raise InputError if something else lies in the folder's place, or OSError.
"""

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from vaepipe.core.errors import InputError


def hold(name: str) -> bool:
    """Hold a name among this user's processes until this one ends; False if another holds it."""
    with _folder() as folder:
        file = _open(folder, f"{name}.lock")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process of this user is within a block of that name."""
    with _folder() as folder:
        file = _open(folder, f"{name}.lock")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def count_held(prefix: str) -> int:
    """How many names with this prefix are held; the files of those that are not are removed.

    To be called within `alone`, as is `hold` for such names.
    """
    held = 0
    with _folder() as folder:
        for name in os.listdir(folder):  # noqa: PTH208
            if not name.startswith(prefix):
                continue
            file = _open(folder, name)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(name, dir_fd=folder)
            except BlockingIOError:
                held += 1
            finally:
                os.close(file)
    return held


@contextmanager
def _folder() -> Iterator[int]:
    """The folder of this user's locks, open; in that for temporary files, which others share."""
    path = Path(tempfile.gettempdir(), f"vaepipe-{os.getuid()}")
    with suppress(FileExistsError):
        path.mkdir(0o700)
    found = path.lstat()
    private = found.st_uid == os.getuid() and not found.st_mode & 0o077
    if not (stat.S_ISDIR(found.st_mode) and private):
        raise InputError(
            f"{path}: has to be a folder that is yours and closed to others (mode 700). Remove it, "
            "or set TMPDIR to a folder of your own."
        )
    folder = os.open(path, os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


def _open(folder: int, name: str) -> int:
    flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(name, flags, 0o600, dir_fd=folder)
