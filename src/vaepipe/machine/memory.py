"""Memory of the process."""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Parameters of mallopt, in malloc.h of the GNU C library."""
KEPT = 2**30
LARGEST = 32 * 2**20
"""Bytes; the most that mallopt(3) allows as MMAP_THRESHOLD on processors of 64 bits."""


def keep_freed() -> None:
    """Let the C library keep what is freed for what is wanted next.

    It hands it back to the system otherwise, and each step of a training gets its tensors anew,
    page by page. Other C libraries than GNU's are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(MMAP_THRESHOLD, LARGEST)
        mallopt(TRIM_THRESHOLD, KEPT)
