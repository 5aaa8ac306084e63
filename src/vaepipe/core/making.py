"""Who makes what: a lock on each node, and on a run of Snakemake, while a process is at it.

The locks lie in the project, so that they hold between machines that share it. A process that dies
lets go of its own.
"""

import errno
import fcntl
import logging
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vaepipe.core.errors import InputError

log = logging.getLogger(__name__)

LOCKS = Path(".cache/locks")
PATIENCE = 1.0
"""Seconds: someone may be looking whether a lock is held."""
UNSUPPORTED = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


@contextmanager
def making(place: Path) -> Iterator[None]:
    """Hold a place, which stands for a node, alone.

    Raises InputError that names the process which holds it.
    """
    file = acquire(place)
    try:
        yield
    finally:
        os.close(file)


def acquire(place: Path) -> int:
    """An open file that holds a place until it is closed; raises InputError as `making` does."""
    path = _lock(place)
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    until = time.monotonic() + PATIENCE
    while not _locked(file, fcntl.LOCK_EX):
        if time.monotonic() > until:
            os.close(file)
            raise InputError(
                f"{place}: {maker(place)} is making it, perhaps left over from a run that was "
                "killed. Wait for it, or end it, then run the same command again."
            )
        time.sleep(0.05)
    os.ftruncate(file, 0)
    os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}".encode(), 0)
    return file


def maker(place: Path) -> str | None:
    """The process that holds a place, in words, or None."""
    try:
        file = os.open(_lock(place), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _locked(file, fcntl.LOCK_SH) else os.pread(file, 200, 0).decode()
    finally:
        os.close(file)


def _lock(place: Path) -> Path:
    return LOCKS / place.with_name(f"{place.name}.lock")


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise
        log.warning("this file system has no locks, so nobody is kept from making the same twice")
    return True
