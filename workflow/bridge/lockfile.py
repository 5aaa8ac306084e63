"""dvc.lock, which DVC writes in place: what a kill leaves of it is replaced by the last whole one.

Each entry of an older one is as true as it was; DVC's run cache and the records of the scripts hold
what was entered since.
"""

import filecmp
import shutil
import sys
from pathlib import Path

from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing

LOCK = Path("dvc.lock")
KEPT = Path(".cache/dvc.lock")
"""The last whole one."""
CONFLICT = b"<<<<<<< "
"""So begins what git could not merge, which is for its user to solve."""
DAMAGED = Path(".cache/dvc.lock.damaged")
"""What could not be read of it, last."""


def keep(repo) -> bool:
    """Keep a copy of dvc.lock if it is whole, which is returned."""
    if not _is_whole(repo):
        return False
    if LOCK.is_file() and not (KEPT.is_file() and filecmp.cmp(LOCK, KEPT, shallow=False)):
        _copy(LOCK, KEPT)
    return True


def mend(repo) -> None:
    """Keep dvc.lock, or replace it by what was kept if it is damaged. Within DVC's own lock.

    Raises InputError that says what to do if it is for its user to mend.
    """
    if keep(repo):
        return
    if not LOCK.is_file():
        raise InputError("dvc.lock is no file. Move away what bears its name.")
    if CONFLICT in LOCK.read_bytes():
        raise InputError(
            "dvc.lock holds what git could not merge. Take one side whole (`git checkout --ours "
            "dvc.lock`, or `--theirs`), then type `make status`."
        )
    _copy(LOCK, DAMAGED)
    if KEPT.is_file():
        _copy(KEPT, LOCK)
    if not _is_whole(repo):
        _copy(DAMAGED, LOCK)
        raise InputError(
            "dvc.lock is damaged. `git checkout HEAD -- dvc.lock` brings back the last commit's."
        )
    print(
        "dvc.lock could not be read: edited, or cut off by a kill. It is again as it was when it "
        f"was last whole; what lay there is kept in {DAMAGED}.",
        file=sys.stderr,
    )


def _is_whole(repo) -> bool:
    from dvc.dvcfile import Lockfile
    from dvc.exceptions import DvcException

    try:
        Lockfile(repo, str(LOCK.absolute())).load()
    except DvcException:
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    with replacing(target) as (temporary,):
        shutil.copyfile(source, temporary)
