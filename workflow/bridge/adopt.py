"""DVC → Snakemake: `python workflow/bridge/adopt.py` makes Snakemake take over what DVC made.

After `dvc repro`, or `git checkout` and `dvc checkout`: if `dvc status` is clean, every output is
marked as made by Snakemake, which then finds nothing to do.
"""

import subprocess
import sys


def adopt() -> None:
    """Exit with a message if `dvc status` is not clean."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo() as repo:
            changed = sorted(repo.status())
    except DvcException as error:
        sys.exit(f"error: {error}")
    if changed:
        sys.exit(
            f"error: dvc status is not clean ({', '.join(changed)}), so nothing was adopted. "
            "Run `dvc repro` or `dvc checkout` first."
        )
    touch = ["snakemake", "--touch", "--forceall", "--no-hooks", "--cores", "1", "--quiet", "all"]
    sys.exit(subprocess.run(touch, check=False).returncode)


if __name__ == "__main__":
    adopt()
