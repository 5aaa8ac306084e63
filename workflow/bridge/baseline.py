"""What lies here as the state to compare with and to come back to: `make baseline` commits it.

Another kind of processor gives other trainings, so that the first build on a machine differs from
what was committed on another.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge.command import end, some
from vaepipe.core.errors import InputError

RESULTS = ("dvc.lock", "results")
"""What git keeps of a run."""
STATE = ("params.yaml", *RESULTS)
"""What `make undo` brings back."""
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
    return [] if result.returncode else [entry[3:] for entry in result.stdout.split("\0") if entry]


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
    """Of a measure since the last commit; `share` is relative to the larger of both values."""

    share: float
    measure: str
    variant: str
    old: float
    new: float


def of_head(name: str) -> str:
    """A file as the last commit has it; empty if it has none."""
    show = ["git", "show", f"HEAD:{name}"]
    return subprocess.run(show, capture_output=True, text=True, check=False).stdout


def _changes(files: Iterable[str]) -> Iterator[Change]:
    for file in map(Path, files):
        if file.name == "metrics.json" and file.is_file():
            before = _measures(of_head(file.as_posix()))
            for measure, new in _measures(file.read_text(encoding="utf-8")).items():
                old = before.get(measure, new)
                if old != new:
                    share = abs(new - old) / max(abs(new), abs(old))
                    yield Change(share, measure, file.parent.name, old, new)


def _measures(text: str) -> dict[str, float]:
    """The numbers of a metrics file; none of what is damaged or could not be merged."""
    try:
        content = json.loads(text)
        return {name: value for name, value in content.items() if isinstance(value, int | float)}
    except (ValueError, AttributeError):
        return {}


def describe() -> str:
    """How the results differ from the last commit, in words; empty if they do not."""
    files = differing(RESULTS)
    if not files:
        return ""
    measures = "no measure"
    if changed := list(_changes(files)):
        most = max(changed)
        measures = (
            f"{len(changed)} measures of {len({change.variant for change in changed})} variants, "
            f"{most.measure} of {most.variant} most, {most.old} → {most.new} (`dvc metrics diff`)"
        )
    return (
        "What git keeps of the results differs from the last commit in "
        f"{some(files, shown=1)}: {measures}. "
        "`make baseline` commits it as yours."
    )


def run(*command: str) -> str:
    """What a command prints; raises InputError with its own words if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise InputError(f"{' '.join(command)} failed: {(result.stderr or result.stdout).strip()}")
    return result.stdout


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
    run("git", "add", *STATE)
    run("git", "commit", "-m", "Baseline", "--", *STATE)
    print("Committed params.yaml, dvc.lock and the metrics: `make undo` comes back to them.")


if __name__ == "__main__":
    end(baseline)
