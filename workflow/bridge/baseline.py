"""What lies here as the state to compare with: `make baseline` commits dvc.lock and the metrics.

Another kind of processor gives other trainings, so that the first build on a machine differs from
what was committed on another.
"""

import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from vaepipe.core.errors import InputError

FILES = ("dvc.lock", "results")


def differing() -> list[str]:
    """Which of the files that say what the results are differ from the last commit."""
    result = subprocess.run(
        ["git", "status", "--porcelain", "-z", "--no-renames", "--", *FILES],
        capture_output=True,
        text=True,
        check=False,
    )
    return [] if result.returncode else [entry[3:] for entry in result.stdout.split("\0") if entry]


def run(*command: str) -> str:
    """What a command prints; raises InputError with its own words if it fails."""
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise InputError(f"{' '.join(command)} failed: {(result.stderr or result.stdout).strip()}")
    return result.stdout


def baseline() -> None:
    """Raises InputError if DVC finds something stale, or git cannot commit."""
    from dvc.repo import Repo

    with Repo() as repo:
        changed = sorted(repo.status())
    if changed:
        raise InputError(
            f"dvc status is not clean ({', '.join(changed)}), so nothing was committed. "
            "Run `make report` first."
        )
    if not differing():
        print("Nothing differs from the last commit.")
        return
    run("git", "add", *FILES)
    run("git", "commit", "-m", "Baseline", "--", *FILES)
    print("Committed dvc.lock and the metrics: `make undo` comes back to them.")


if __name__ == "__main__":
    try:
        baseline()
    except InputError as error:
        sys.exit(f"error: {error}")
