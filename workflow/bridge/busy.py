"""While one engine makes a file, the other leaves it alone.

A run of Snakemake enters all outputs of its graph in DVC's own register of busy files, so that DVC
refuses at once whatever it would make or read, and respects what DVC has entered there. What a
killed process held is freed: by DVC, and by `mend` where DVC would not see that it is gone.
"""

import json
import os
import sys
from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path

import psutil

from bridge import lockfile
from bridge.nodes import RUN
from vaepipe.core.errors import InputError
from vaepipe.core.making import LOCKS, acquire, maker

HELD = ExitStack()
SNAKEMAKE_LOCKS = Path(".snakemake/locks")


def start(workflow, places: Collection[Path]) -> None:
    """Hold this project until `release`: one run of Snakemake at a time, and no DVC beside it.

    Raises InputError if another run, a process of DVC, or a script that a killed run has left
    behind is at work. Without DVC only the first and the last are looked for.
    """
    HELD.callback(os.close, acquire(RUN))
    if not os.environ.get("DVC_STAGE"):
        occupy([str(output) for job in workflow.persistence.dag.jobs for output in job.output])
    for place in places:
        if at_work := maker(place):
            raise InputError(
                f"{place} is being made by {at_work}, which a run that was killed has left behind. "
                "Wait for it to end, or end it, then run the same command again."
            )


def planned_places(workflow) -> list[Path]:
    """Where the jobs write that a run of Snakemake is about to execute."""
    jobs = workflow.persistence.dag.needrun_jobs()
    return [Path(job.shellcmd.split()[-1]) for job in jobs if job.shellcmd]


def occupy(outputs: Collection[str]) -> None:
    """Enter these files in DVC's register until `release`; without DVC, do nothing.

    Raises InputError if a process of DVC is at work on one of them.
    """
    try:
        from dvc.exceptions import DvcException
        from dvc.lock import LockError
        from dvc.repo import Repo
        from dvc.rwlock import rwlock
    except ImportError:
        return
    paths = [str(Path(output).absolute()) for output in outputs]
    command = " ".join(sys.argv)  # as DVC states its own, so that `record` finds itself at home
    try:
        with Repo() as repo, repo.lock:
            mend(repo)
            hardlink = repo.config["core"].get("hardlink_lock", False)
            HELD.enter_context(rwlock(repo.tmp_dir, repo.fs, command, [], paths, hardlink))
    except LockError as error:
        raise InputError(
            f"DVC is at work on the same files ({error}). Wait for it to end, then run "
            "snakemake again."
        ) from error
    except DvcException:
        return  # no repository; `record` says so


def mend(repo) -> None:
    """Put right what killed processes have left of DVC's own files. Within DVC's own lock.

    Its register goes if no living process is in it: empty, damaged, or of killed ones alone.
    """
    file = register(repo)
    if file.is_file() and not holders(file):
        file.unlink()
    lockfile.mend(repo)


def register(repo) -> Path:
    """DVC's register of busy files."""
    return Path(repo.tmp_dir) / "rwlock"


def holders(register: Path) -> dict[int, str]:
    """The living processes in DVC's register of busy files, with their commands.

    A process that began after the register was written has been given the number of a former one.
    """
    try:
        entries = json.loads(register.read_text(encoding="utf-8"))
        found = {
            info["pid"]: info["cmd"]
            for infos in [*entries.get("write", {}).values(), *entries.get("read", {}).values()]
            for info in (infos if isinstance(infos, list) else [infos])
        }
        written = register.stat().st_mtime
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {number: command for number, command in found.items() if _is_alive(number, written)}


def _is_alive(number: int, since: float) -> bool:
    try:
        return psutil.Process(number).create_time() <= since
    except (psutil.NoSuchProcess, ValueError, TypeError):
        return False


def at_work(repo) -> tuple[list[str], str]:
    """Which engine is busy and with what, and what comes first; both empty if none is.

    What killed processes have left of DVC's own files is put right.
    """
    made = {place: by for place in _locked() if (by := maker(place))}
    lines = [f"{by} makes {place}." for place, by in sorted(made.items())]
    if runner := maker(RUN):
        return [f"Snakemake is at work ({runner}).", *lines], f"wait for {runner} to end"
    if dvc := _dvc_at_work(repo):
        return [f"DVC is at work ({dvc}).", *lines], "wait for it to end"
    if made:
        orphans = ", ".join(sorted(set(made.values())))
        return [
            "No engine is at work, but scripts are that a killed run has left behind.",
            *lines,
        ], f"wait for {orphans} to end, or end it"
    if SNAKEMAKE_LOCKS.is_dir() and any(SNAKEMAKE_LOCKS.iterdir()):
        if runners := _snakemakes():
            return [f"Snakemake is at work ({', '.join(runners)})."], "wait for it to end"
        return ["A run of Snakemake was killed and left its lock."], "snakemake --unlock"
    return [], ""


def _locked() -> list[Path]:
    """The places of nodes that were ever locked."""
    files = (path.relative_to(LOCKS) for path in LOCKS.rglob("*.lock"))
    places = (path.with_name(path.name.removesuffix(".lock")) for path in files)
    return [place for place in places if place != RUN and place.parts[0] != "witness"]


def _snakemakes() -> list[str]:
    """Processes of Snakemake in this folder: one may be about to hold its place, or not need to."""
    return [
        f"process {process.pid}"
        for process in psutil.process_iter(["cmdline", "cwd"])
        if process.info["cwd"] == str(Path.cwd())
        and any(Path(part).name == "snakemake" for part in (process.info["cmdline"] or [])[:3])
    ]


def _dvc_at_work(repo) -> str:
    """DVC's processes and commands."""
    from dvc.lock import LockError

    try:
        with repo.lock:
            mend(repo)
    except LockError:
        return "it holds its lock"
    found = holders(register(repo)).items()
    return ", ".join(f"process {number}: {command}" for number, command in found)


def release() -> None:
    HELD.close()
