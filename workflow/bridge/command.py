"""What the bridge's commands share: how they begin, end, call others and name many things."""

import os
import subprocess
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError


def carry_out(main: Callable[[], object]) -> None:
    """Call a command; what keeps it from its work is told in a line, with exit code 1.

    The programs of this Python's environment are found even if it is not activated.
    """
    from dvc.exceptions import DvcException
    from dvc.scm import SCMError

    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    try:
        main()
    except InputError as error:
        sys.exit(f"error: {error}")
    except SCMError as error:
        sys.exit(
            f"error: DVC says: {error}. It needs git: clone the repository, or make this folder "
            "one (`git init`, `git add .`, `git commit`)."
        )
    except DvcException as error:
        said = str(error) or "it cannot read its files: `dvc status` says which and where"
        sys.exit(f"error: DVC says: {said}.")
    except OSError as error:
        sys.exit(f"error: {shortage(error) or error}")


def run(*command: str) -> str:
    """What a command prints; raises InputError with its own words if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise InputError(f"{' '.join(command)} failed: {(result.stderr or result.stdout).strip()}")
    return result.stdout


def some(names: Collection[str], shown: int = 3) -> str:
    """The first of these names, and how many more there are."""
    first, more = sorted(names)[:shown], len(names) - shown
    return ", ".join(first) + (f" and {more} more" if more > 0 else "")
