"""What processes that run side by side share out among themselves: GPUs, lines of a terminal.

Locks on files in the folder for temporary files; a process that dies lets go of its own.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def hold(name: str) -> bool:
    """Hold a name among this user's processes until this one ends; False if another holds it."""
    file = _open(_path(name))
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Wait until no other process of this user is within a block of that name."""
    file = _open(_path(name))
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
    for path in _path("").parent.glob(_path(f"{prefix}*").name):
        file = _open(path)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
        except BlockingIOError:
            held += 1
        finally:
            os.close(file)
    return held


def _path(name: str) -> Path:
    return Path(tempfile.gettempdir(), f"vaepipe-{os.getuid()}-{name}.lock")


def _open(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
