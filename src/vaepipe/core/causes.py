"""Why a process could not go on, in the words of a user: what the machine was short of."""

import re
import sys
from types import TracebackType

SHORT_OF = {
    "No space left": "no space left on the disk. Free some",
    "Too many open files": "too many files are open. Raise the limit (ulimit -n)",
    "MemoryError|[Cc]an(no|')t allocate memory|failed to map segment|bad_alloc": (
        "there is not enough memory. Free some, raise the limit (ulimit -v), or let fewer "
        "processes run side by side"
    ),
    "start new thread|Resource temporarily unavailable": (
        "no more threads or processes can be started. End some, or raise the limit (ulimit -u)"
    ),
}
"""What is said of errors whose type or text holds a pattern; libraries raise them as they like."""


def shortage(error: BaseException) -> str | None:
    """What the machine was short of and what to do, or None if that was not the cause."""
    text = f"{type(error).__name__}: {error}"
    found = (advice for pattern, advice in SHORT_OF.items() if re.search(pattern, text))
    advice = next(found, None)
    return advice and f"{advice}, then run the same command again."


def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In place of sys.excepthook: a line instead of a traceback where nothing is at fault."""
    if issubclass(kind, KeyboardInterrupt):
        print("error: it was interrupted.", file=sys.stderr)
    elif advice := shortage(error):
        print(f"error: {advice}", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def hush(ignored: "sys.UnraisableHookArgs") -> None:
    """In place of sys.unraisablehook: nothing of what libraries lack while the process ends."""
    if not shortage(ignored.exc_value):
        sys.__unraisablehook__(ignored)
