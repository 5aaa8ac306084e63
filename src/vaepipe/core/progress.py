"""Progress of long loops: a bar on a terminal, nothing elsewhere, and when the end is expected."""

import itertools
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from tqdm import tqdm

from vaepipe.core.errors import InputError
from vaepipe.core.locks import hold

T = TypeVar("T")


def track(items: Iterable[T], total: int | None, description: str, unit: str) -> Iterator[T]:
    """Yield the items while a bar counts them to the total."""
    return iter(tqdm(items, description, total, unit=unit, disable=None, leave=False))


def bar(total: int | None, description: str, unit: str) -> tqdm:
    """A bar to be moved by hand, as in `with bar(…) as moved: moved.update(3)`.

    Processes that run side by side on a terminal have a line each.
    """
    line = None
    with suppress(OSError, InputError):  # a bar is not worth a failure
        line = _free_line() if sys.stderr.isatty() else None
    return tqdm(desc=description, total=total, unit=unit, disable=None, leave=False, position=line)


def _free_line() -> int:
    terminal = os.ttyname(sys.stderr.fileno()).replace("/", "-")
    return next(line for line in itertools.count() if hold(f"{terminal}-{line}"))


def expected_end(began: float, done: int, left: int) -> str:
    """Local time when `left` rounds will be over if each takes as long as those done since began.

    `began` is in seconds since the epoch, as of time.time().
    """
    now = time.time()
    end = datetime.fromtimestamp(now + left * (now - began) / done)
    return end.strftime("%Y-%m-%d %H:%M:%S")
