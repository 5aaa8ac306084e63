"""Progress of long loops: a bar on a terminal, nothing elsewhere."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def track(items: Iterable[T], total: int | None, description: str, unit: str) -> Iterator[T]:
    """Yield the items while a bar counts them to the total."""
    return iter(tqdm(items, description, total, unit=unit, disable=None, leave=False))


def bar(total: int | None, description: str, unit: str) -> tqdm:
    """A bar to be moved by hand, as in `with bar(…) as moved: moved.update(3)`."""
    return tqdm(desc=description, total=total, unit=unit, disable=None, leave=False)
