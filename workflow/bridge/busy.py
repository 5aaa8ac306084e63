"""While one engine makes a file, the other leaves it alone.

Snakemake enters the files that it will make in DVC's own register of busy files, and respects what
DVC entered there. DVC frees what a killed process held, so nothing stays locked.
"""

import os
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

from vaepipe.core.errors import InputError

HELD = ExitStack()


def planned_outputs(workflow) -> list[str]:
    """The outputs of the jobs that a run of Snakemake is about to execute."""
    return [str(output) for job in workflow.persistence.dag.needrun_jobs() for output in job.output]


def occupy(outputs: Collection[str]) -> None:
    """Hold these files until `release`; without DVC, do nothing.

    Raises InputError if a process of DVC is reading or writing one of them.
    """
    try:
        from dvc.exceptions import DvcException
        from dvc.lock import LockError
        from dvc.repo import Repo
        from dvc.rwlock import rwlock
    except ImportError:
        return
    if os.environ.get("DVC_STAGE"):
        return
    paths = [str(Path(output).absolute()) for output in outputs]
    try:
        with Repo() as repo:
            hardlink = repo.config["core"].get("hardlink_lock", False)
            HELD.enter_context(rwlock(repo.tmp_dir, repo.fs, "snakemake", [], paths, hardlink))
    except LockError as error:
        raise InputError(
            f"DVC is at work on the same files ({error}). Wait for it to end, then run "
            "snakemake again."
        ) from error
    except DvcException:
        return  # no repository; `record` says so


def release() -> None:
    HELD.close()
