"""What the bridge's commands share: how they end, and how they name many things."""

import sys
from collections.abc import Callable, Collection

from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError


def end(main: Callable[[], object]) -> None:
    """Call a command; what keeps it from its work is told in a line, with exit code 1."""
    from dvc.exceptions import DvcException

    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except DvcException as error:
        said = str(error) or "it cannot read its files: `dvc status` says which and where"
        sys.exit(f"error: DVC says: {said}.")
    except OSError as error:
        sys.exit(f"error: {shortage(error) or error}")


def some(names: Collection[str], shown: int = 3) -> str:
    """The first of these names, and how many more there are."""
    first, more = sorted(names)[:shown], len(names) - shown
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
