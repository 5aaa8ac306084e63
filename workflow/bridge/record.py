"""Snakemake → DVC: commit to DVC what a run of Snakemake made, so that DVC finds nothing to do.

By hand, `python workflow/bridge/record.py` catches up on what a run could not record (it was
killed, or DVC was busy): where Snakemake has nothing to do, it commits what DVC calls changed.
A node is committed only if DVC finds what its script has written down of it (see agreement.py).
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

from bridge import agreement
from bridge.baseline import OFFER, describe
from bridge.busy import mend
from bridge.command import carry_out
from vaepipe.core.errors import InputError
from vaepipe.params import lookup

CATCH_UP = "python workflow/bridge/record.py"


def executed_outputs(workflow) -> set[str]:
    """The outputs of the jobs that a run of Snakemake executed to their end."""
    if workflow.touch:
        return set()
    dag = workflow.persistence.dag
    jobs = [job for job in dag.jobs if dag.finished(job) and dag.needrun(job)]
    return {str(output) for job in jobs for output in job.output}


def record(outputs: Collection[str]) -> None:
    """Commit the stages that made these files; say so in one line where that cannot be done.

    Nothing is recorded within a stage or an experiment of DVC. Never raises: a run does not fail
    because it was not recorded.
    """
    if not outputs or os.environ.get("DVC_STAGE") or _is_experiment():
        return
    try:
        print(commit(outputs), file=sys.stderr)
        if told := describe():
            print(told, OFFER, file=sys.stderr)
    except ImportError:
        print("Not recorded for DVC: DVC is not installed.", file=sys.stderr)
    except Exception as error:  # whatever DVC raises
        print(f"Not recorded for DVC: {error}. To catch up: {CATCH_UP}", file=sys.stderr)


def _is_experiment() -> bool:
    """Whether this is the temporary directory in which DVC runs a queued experiment."""
    return ".dvc/tmp/exps" in Path.cwd().as_posix()


def commit(outputs: Collection[str]) -> str:
    """Commit the stages with one of these outputs: one repository, one write of dvc.lock.

    Outputs are not relinked: that would give them a new time. A stage is left out if DVC finds
    otherwise than its script has written down: parameters, code or files were edited since.
    Returns what was done, in words.
    """
    from dvc.repo import Repo

    wanted = {str(Path(output).absolute()) for output in outputs}
    with Repo() as repo, repo.lock, _params_parsed_once():
        mend(repo)
        stages = [
            s for s in repo.index.stages if wanted & {out.fs_path for out in s.outs} and s.cmd
        ]
        for stage in stages:
            stage.save(run_cache=False)
        edited = {s.addressing: agreement.differing(s, agreement.record(s)) for s in stages}
        agreed = [stage for stage in stages if not edited[stage.addressing]]
        for stage in agreed:
            repo.stage_cache.save(stage)
            stage.commit(relink=False)
        if agreed:
            agreed[0].dvcfile.dump_stages(agreed, update_pipeline=False)
    told = f"Recorded {len(agreed)} node(s) in dvc.lock."
    left = sorted(name for name in edited if edited[name])
    if left:
        causes = sorted({cause for name in left for cause in edited[name]})
        told += (
            f" Not {', '.join(left)}: edited or replaced since they were made: "
            f"{', '.join(causes)}. Run the same command again."
        )
    return told


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

    Raises InputError if it has, if an output is gone, or if there is no DVC repository.
    """
    from dvc.exceptions import NotDvcRepoError
    from dvc.repo import Repo

    plan = subprocess.run(["snakemake", "--dry-run"], capture_output=True, text=True, check=False)
    if plan.returncode or "Nothing to be done" not in plan.stdout + plan.stderr:
        raise InputError(
            "Snakemake still has something to do, so nothing was recorded. "
            "Run `snakemake --cores all results/report.pdf` first, or see `make status`."
        )
    try:
        with Repo() as repo:
            with repo.lock:
                mend(repo)
            changed = set(repo.status())
            stages = [s for s in repo.index.stages if s.addressing in changed]
            outputs = [out.fs_path for stage in stages for out in stage.outs]
            gone = [str(out) for stage in stages for out in stage.outs if not out.exists]
    except NotDvcRepoError as error:
        raise InputError(f"{error}. Run `dvc init` first.") from error
    if gone:
        raise InputError(
            f"{gone[0]} is gone, which no stale node reads, so Snakemake does not look for it. "
            "`dvc repro` brings it back."
        )
    print(commit(outputs))


if __name__ == "__main__":
    carry_out(catch_up)
