"""The last word on a run of DVC: what it wrote to dvc.lock is what the scripts have used.

When a script has ended, DVC takes down parameters, code and files as it finds them then; what was
edited in between would be recorded as if it had been used. So the first script of a run of DVC
starts this process, which waits for DVC to end and then removes each entry that says otherwise than
its record.
"""

import shutil
import sys
import time
from pathlib import Path

import psutil

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge import agreement, lockfile
from bridge.busy import mend
from vaepipe.core import provenance
from vaepipe.core.errors import InputError
from vaepipe.core.making import LOCKS, making


def attend(number: int) -> None:
    """Wait for DVC's process to end, then remove the wrong entries of its run."""
    from dvc.lock import LockError
    from dvc.repo import Repo

    process = psutil.Process(number)
    began = process.create_time()
    with Repo() as repo:
        lockfile.keep(repo)
    while is_alive(process):
        time.sleep(0.02)
    while True:
        try:
            with Repo() as repo, repo.lock:
                mend(repo)
                wrong = [stage for stage in repo.index.stages if is_wrong(stage, began)]
                for stage in wrong:
                    forget(repo, stage)
            break
        except LockError:
            time.sleep(0.1)
    if wrong:
        names = ", ".join(stage.addressing for stage in wrong)
        print(
            f"Edited just as DVC recorded it, so removed from dvc.lock: {names}. Run `dvc repro` "
            "again.",
            file=sys.stderr,
        )


def is_alive(process: psutil.Process) -> bool:
    """Whether a process has not ended; what waits for this one's output may not have noticed."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def is_wrong(stage, began: float) -> bool:
    """Whether dvc.lock says otherwise than a record that DVC's run has made since it began."""
    if not getattr(stage, "cmd", None):
        return False
    file = provenance.record_file(agreement.place(stage))
    if not file.is_file() or file.stat().st_mtime < began:
        return False
    record = provenance.load(file)
    return "doubt" not in record and bool(agreement.differing(stage, record))


def forget(repo, stage) -> None:
    """Remove a stage's entry from dvc.lock and from DVC's run cache."""
    from dvc.dvcfile import Lockfile
    from dvc.stage.cache import _get_stage_hash

    if all(item.hash_info for item in (*stage.deps, *stage.outs)):
        shutil.rmtree(repo.stage_cache._get_cache_dir(_get_stage_hash(stage)), ignore_errors=True)
    Lockfile(repo, f"{repo.root_dir}/dvc.lock").remove_stage(stage)


if __name__ == "__main__":
    from dvc.exceptions import DvcException

    number = int(sys.argv[1])
    try:
        with making(Path("witness", str(number))):
            try:
                attend(number)
            finally:
                (LOCKS / "witness" / f"{number}.lock").unlink()
    except (InputError, psutil.NoSuchProcess):
        pass
    except DvcException as error:
        sys.exit(f"error: {error}")
