"""What processes that run side by side share out among themselves: GPUs, lines of a terminal."""

import fcntl
import os
import tempfile
from pathlib import Path


def hold(name: str) -> bool:
    """Hold a name among this user's processes until this one ends; False if another holds it.

    A lock on a file in the folder for temporary files: a process that dies lets go of its own.
    """
    path = Path(tempfile.gettempdir(), f"vaepipe-{os.getuid()}-{name}.lock")
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return False
    return True
