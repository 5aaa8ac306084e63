"""What lies here as the state to compare with and to come back to: `make baseline` commits it.

Another kind of processor gives other trainings, so that the first build on a machine differs from
what was committed on another.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge.command import carry_out, run, some
from vaepipe.core.errors import InputError

RESULTS = ("dvc.lock", "results")
"""What git keeps of a run."""
STATE = ("params.yaml", *RESULTS)
"""What `make undo` brings back."""
OFFER = "`make baseline` commits it as yours, `make undo` goes back to the commit."
CODE = ("src", "workflow", "Snakefile", "dvc.yaml", "requirements.txt", "data/raw")
"""What results are made of beside params.yaml: to be committed by their author."""


def differing(paths: Sequence[str]) -> list[str]:
    """Which files under these paths differ from the last commit; none where there is no git."""
    result = subprocess.run(
        [
            "git",
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--",
            *paths,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        return []
    here = run("git", "rev-parse", "--show-prefix").strip()  # the project may be part of a whole
    return [entry[3:].removeprefix(here) for entry in result.stdout.split("\0") if entry]


def is_merging() -> bool:
    command = ["git", "rev-parse", "-q", "--verify", "MERGE_HEAD"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def check_code() -> None:
    """Raises InputError if code differs from the last commit."""
    if edited := differing(CODE):
        raise InputError(
            f"{edited[0]} differs from the last commit, and results come back only with the code "
            "that made them, so nothing was touched. Commit it, or put it aside (git stash), first."
        )


class Change(NamedTuple):
    """Of a measure; `share` is relative to the larger of both values."""

    share: float
    measure: str
    variant: str
    old: float
    new: float


def of_head(name: str) -> str:
    """A file as the last commit has it; empty if it has none."""
    return of_revision(name, "HEAD")


def of_revision(name: str, revision: str) -> str:
    show = ["git", "show", f"{revision}:./{name}"]
    return subprocess.run(show, capture_output=True, text=True, check=False).stdout


def describe() -> str:
    """How what git keeps of the results differs from the last commit; empty if it does not."""
    files = differing(RESULTS)
    if not files:
        return ""
    metrics = [Path(file) for file in files if file.endswith("/metrics.json")]
    before = {file.parent.name: _measures(of_head(file.as_posix())) for file in metrics}
    now = {file.parent.name: _measures(_text(file)) for file in metrics}
    told = []
    if changes := [c for name in now for c in _changes(name, before[name], now[name])]:
        most = max(changes)
        variants = {change.variant for change in changes}
        told.append(
            f"{_count(len(changes), 'measure')} of {_count(len(variants), 'variant')}, "
            f"{most.measure} of {most.variant} most, {most.old} → {most.new} (`dvc metrics diff`)"
        )
    if new := [name for name in now if now[name] and not before[name]]:
        told.append(f"new are the measures of {some(new)}")
    if gone := [name for name in now if before[name] and not now[name]]:
        told.append(f"there are none of {some(gone)}")
    return (
        "What git keeps of the results differs from the last commit in "
        f"{some(files, shown=1)}: {'; '.join(told) or 'no measure'}."
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""


def _measures(text: str) -> dict[str, float]:
    """The numbers of a metrics file; none of what is gone, damaged or could not be merged."""
    try:
        content = json.loads(text)
        return {name: value for name, value in content.items() if isinstance(value, int | float)}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _changes(variant: str, before: Mapping, now: Mapping) -> Iterator[Change]:
    for measure in before.keys() & now.keys():
        old, new = before[measure], now[measure]
        if old != new:
            yield Change(abs(new - old) / max(abs(new), abs(old)), measure, variant, old, new)


def baseline() -> None:
    """Raises InputError if DVC finds something stale, code is not committed, or git cannot."""
    from dvc.repo import Repo

    with Repo() as repo:
        changed = sorted(repo.status())
    if changed:
        raise InputError(
            f"dvc status is not clean ({', '.join(changed)}), so nothing was committed. "
            "`make status` says what to type first."
        )
    if is_merging():
        raise InputError("a merge is under way. Commit it first (git commit), then make baseline.")
    if not differing(STATE):
        print("Nothing differs from the last commit.")
        return
    check_code()
    run("git", "var", "GIT_COMMITTER_IDENT")  # who commits: else nothing is staged
    run("git", "add", *STATE)
    run("git", "commit", "-m", "Baseline", "--", *STATE)
    print("Committed params.yaml, dvc.lock and the metrics: `make undo` comes back to them.")


if __name__ == "__main__":
    carry_out(baseline)
