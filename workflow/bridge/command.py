"""How the bridge's commands end: a failure is one line, and exit code 1."""

import sys
from collections.abc import Callable

from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError


def end(main: Callable[[], object]) -> None:
    """Call a command; whatever keeps it from its work is told in a line."""
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
