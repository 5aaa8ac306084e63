"""Snakemake → DVC: commit to DVC what a run of Snakemake made, so that DVC finds nothing to do.

By hand, `python workflow/bridge/record.py` catches up on what a run could not record (it was
killed, or DVC was busy): where Snakemake has nothing to do, it commits what DVC calls changed.
"""

import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from vaepipe.config.sources import raw_files
from vaepipe.core.errors import InputError
from vaepipe.core.files import digest
from vaepipe.params import PARAMS, load_params, lookup

CATCH_UP = "python workflow/bridge/record.py"


def executed_outputs(workflow) -> set[str]:
    """The outputs of the jobs that a run of Snakemake executed to their end."""
    if workflow.touch:
        return set()
    dag = workflow.persistence.dag
    jobs = [job for job in dag.jobs if dag.finished(job) and dag.needrun(job)]
    return {str(output) for job in jobs for output in job.output}


def snapshot() -> str:
    """A digest of what the user may edit while a run goes on; raw files by size and time."""
    edited = [PARAMS, Path("dvc.yaml"), Path("Snakefile"), Path("requirements.txt")]
    edited += [p for f in ("src/vaepipe", "workflow") for p in Path(f).rglob("*")]
    code = [p for p in edited if p.is_file() and "__pycache__" not in p.parts]
    stats = [(path, path.stat()) for path in raw_files(load_params().sources) if path.is_file()]
    stamps = [f"{path} {stat.st_size} {stat.st_mtime_ns}" for path, stat in stats]
    return digest(code, *stamps)


def record(outputs: Collection[str], started: str) -> None:
    """Commit the stages that made these files; say so in one line where that cannot be done.

    Nothing is recorded if a file of `snapshot` has changed since `started`, or within a stage or
    an experiment of DVC. Never raises: a run does not fail because it was not recorded.
    """
    if not outputs or os.environ.get("DVC_STAGE") or _is_experiment():
        return
    try:
        count = commit(outputs, started)
        if count:
            print(f"Recorded {count} node(s) in dvc.lock.", file=sys.stderr)
    except ImportError:
        print("Not recorded for DVC: DVC is not installed.", file=sys.stderr)
    except Exception as error:  # whatever DVC raises
        print(f"Not recorded for DVC: {error}. To catch up: {CATCH_UP}", file=sys.stderr)


def _is_experiment() -> bool:
    """Whether this is the temporary directory in which DVC runs a queued experiment."""
    return ".dvc/tmp/exps" in Path.cwd().as_posix()


def commit(outputs: Collection[str], started: str) -> int:
    """Commit the stages with one of these outputs: one repository, one write of dvc.lock.

    Outputs are not relinked: that would give them a new time, and Snakemake would take them for
    someone else's. Returns the number of stages. Raises InputError, with nothing written, if
    `snapshot` is no longer what it was when they were made.
    """
    from dvc.repo import Repo

    wanted = {str(Path(output).absolute()) for output in outputs}
    with Repo() as repo, repo.lock, _params_parsed_once():
        stages = [s for s in repo.index.stages if wanted & {out.fs_path for out in s.outs}]
        for stage in stages:
            stage.save(run_cache=False)
        if snapshot() != started:
            raise InputError("params.yaml, code or raw files were edited while it ran")
        for stage in stages:
            repo.stage_cache.save(stage)
            stage.commit(relink=False)
        if stages:
            stages[0].dvcfile.dump_stages(stages, update_pipeline=False)
    return len(stages)


@contextmanager
def _params_parsed_once() -> Iterator[None]:
    """Let DVC read params.yaml once, not several times a stage: time stays linear in the stages."""
    from dvc.dependency import param

    contents = {}

    def read(fs, path, keys, flatten):
        if path not in contents:
            contents[path] = param.load_path(path, fs)
        return {key: deepcopy(lookup(contents[path], key)) for key in keys}

    original = param.read_param_file
    param.read_param_file = read
    try:
        yield
    finally:
        param.read_param_file = original


def catch_up() -> None:
    """Commit all that DVC calls changed, if Snakemake has nothing to do.

    Raises InputError if it has, or if there is no DVC repository.
    """
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    started = snapshot()
    plan = subprocess.run(["snakemake", "--dry-run"], capture_output=True, text=True, check=False)
    if plan.returncode or "Nothing to be done" not in plan.stdout + plan.stderr:
        raise InputError(
            "Snakemake still has something to do, so nothing was recorded. "
            "Run `snakemake --cores all results/report.pdf` first."
        )
    try:
        with Repo() as repo:
            changed = set(repo.status())
            stages = [s for s in repo.index.stages if s.addressing in changed]
            outputs = [out.fs_path for stage in stages for out in stage.outs]
    except NotDvcRepoError as error:
        raise InputError(f"{error}. Run `dvc init` first.") from error
    print(f"Recorded {commit(outputs, started)} node(s) in dvc.lock.")


if __name__ == "__main__":
    try:
        catch_up()
    except InputError as error:
        sys.exit(f"error: {error}")
