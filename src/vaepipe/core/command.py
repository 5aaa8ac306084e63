"""What the scripts in workflow/scripts share: logs, exit, the way to fail.

A script imports this first: what it imports afterwards is digested as it is loaded.
"""

import functools
import gc
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from vaepipe.core import causes

# Imports make a million objects that stay: to look for garbage among them takes a third of the time
# until the work begins. It is looked for from `run` on, and among what is made from there.
gc.disable()

# So early, since imports take most of the memory and the threads.
sys.excepthook, sys.unraisablehook = causes.tell, causes.hush

import typer

from vaepipe.core import code
from vaepipe.core.errors import InputError

code.watch()

log = logging.getLogger("vaepipe")


def run(main: Callable[..., None]) -> None:
    """Parse the command line by main's signature and call it.

    The last argument is where the outputs go. The log of what lies in X is logs/X.log, and
    logs/X.jsonl holds the facts of it that programs read (see `Facts`).
    Every failure ends in exit code 1 and two lines: the cause, then the node and its log; under
    DVC a third. A traceback stands in the log alone. What the library warns of is printed too.
    """
    place = Path(sys.argv[-1])
    path = Path("logs", place.relative_to(place.anchor)).with_suffix(".log")
    logging.raiseExceptions = False  # a full disk is reported once, not by each log line

    @functools.wraps(main)
    def command(*args, **kwargs) -> None:
        signal.signal(signal.SIGTERM, _end)
        signal.signal(signal.SIGINT, _end)
        try:
            _log_to(path)
            gc.freeze()
            gc.enable()
            imported = time.process_time()
            main(*args, **kwargs)
            _tell_time(imported, time.process_time())
        except InputError as error:
            _fail(str(error), path)
        except OSError as error:
            _fail(_explain(error), path)
        except SystemExit:
            raise
        except BaseException as error:  # a panic of Rust is no Exception
            log.exception("traceback")
            fault = f"{type(error).__name__}: {error}. This is a fault of vaepipe's own."
            _fail(causes.shortage(error) or fault, path)

    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(command)
    app()


def _tell_time(imported: float, whole: float) -> None:
    log.info(
        "%.2f s of CPU time, %.2f of them until it began",
        *(whole, imported),
        extra={"facts": {"import_seconds": round(imported, 3), "cpu_seconds": round(whole, 3)}},
    )


def _end(number: int, _) -> None:
    name = signal.Signals(number).name
    log.error("error: it was asked to end (%s): interrupted, cancelled or out of run time", name)
    sys.exit(128 + number)


class Facts(logging.Formatter):
    """A line of JSON for each record that was logged with `extra={"facts": {…}}`."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(record.facts)


def _log_to(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    sentences = logging.FileHandler(path, mode="w")
    sentences.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    facts = logging.FileHandler(path.with_suffix(".jsonl"), mode="w", delay=True)
    facts.setFormatter(Facts())
    facts.addFilter(lambda record: hasattr(record, "facts"))
    path.with_suffix(".jsonl").unlink(missing_ok=True)
    warnings = logging.StreamHandler()
    warnings.setFormatter(logging.Formatter("warning: %(message)s"))
    warnings.addFilter(lambda record: record.levelno == logging.WARNING)
    warnings.addFilter(logging.Filter("vaepipe"))
    logging.basicConfig(level=logging.INFO, handlers=[sentences, facts, warnings])


def _explain(error: OSError) -> str:
    place = f"{error.filename}: " if error.filename else ""
    return f"{place}{causes.shortage(error) or f'{error.strerror or error}.'}"


def _fail(message: str, path: Path) -> None:
    log.error("error: %s", message)
    name = sys.argv[1] if "/" not in sys.argv[1] else ""
    parts = Path(sys.argv[0]).with_suffix("").parts
    places = [place for place, part in enumerate(parts) if part == "scripts"]
    rule = "_".join(parts[places[-1] + 1 :] if places else parts[-1:])
    node = f"{rule} {name}".strip()
    print(f"error: {message}\n{node} failed; its log is {path}", file=sys.stderr)
    if "DVC_STAGE" in os.environ:
        print(
            "DVC removes what a stage has made before it runs it; once the cause is mended, "
            "`make status` says how that comes back.",
            file=sys.stderr,
        )
    raise SystemExit(1)
