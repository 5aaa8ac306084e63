"""DVC → Snakemake: `python workflow/bridge/adopt.py` makes Snakemake take over what DVC made.

After `dvc repro`, or `git checkout` and `dvc checkout`: if `dvc status` is clean, dvc.lock is the
record of every node, and Snakemake then finds nothing to do.
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge import agreement
from bridge.busy import mend
from bridge.command import carry_out, run
from vaepipe.core import provenance
from vaepipe.core.errors import InputError

TOUCH = "snakemake --touch --forceall --no-hooks --cores 1 --quiet all"


def adopt() -> None:
    """Raises InputError if `dvc status` is not clean, or if Snakemake cannot be told."""
    from dvc.repo import Repo

    with Repo() as repo:
        with repo.lock:
            mend(repo)
        if changed := sorted(repo.status()):
            raise InputError(
                f"dvc status is not clean ({', '.join(changed)}), so nothing was adopted. Run "
                "`dvc repro` or `dvc checkout` first, or see `make status`."
            )
        run(*TOUCH.split())
        stages = [stage for stage in repo.index.stages if stage.cmd]
        for stage in stages:
            take_over(stage)
    print(f"Snakemake knows all {len(stages)} nodes as DVC has them.")


def take_over(stage) -> None:
    """Make the entry of dvc.lock the record of a stage, unless its plan has changed meanwhile."""
    plan = provenance.load(provenance.plan_file(agreement.place(stage)))
    inputs, outputs = agreement.files(stage.deps), agreement.files(stage.outs)
    planned = plan.get("files", {})
    inputs = {path: digest for path, digest in inputs.items() if path not in planned}
    record = {**plan, "inputs": inputs, "outputs": outputs}
    if plan and not agreement.differing(stage, record):
        provenance.write(provenance.record_file(agreement.place(stage)), record)


if __name__ == "__main__":
    carry_out(adopt)
