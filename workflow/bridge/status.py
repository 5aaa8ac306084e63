"""Where both engines stand, and the one command to type next: `make status`."""

import csv
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge import agreement
from bridge.baseline import CODE, describe, differing, is_merging
from bridge.busy import at_work
from bridge.command import end, some
from bridge.record import CATCH_UP
from bridge.undo import is_cached
from vaepipe.core.errors import InputError
from vaepipe.params import load_params

SUMMARY = ("snakemake", "--summary")
BUILD = "make report"
ADOPT = "python workflow/bridge/adopt.py"
REPRO = "dvc repro"
ASIDES = ("Using workflow", "Building DAG", "Assuming", "WorkflowError", "File ")


@dataclass(frozen=True)
class Stale:
    """What DVC would run; nodes are named by their places (see vaepipe.core.provenance)."""

    places: frozenset[str]
    gone: bool
    """Outputs are gone that DVC knows."""
    restorable: bool
    """That is the only cause, and DVC's cache holds them."""
    raw: list[str]
    """Raw files that were replaced since `dvc add`."""


def status() -> tuple[list[str], str]:
    """What there is to say, a sentence a line, and the next command; empty if all is done.

    Raises InputError if params.yaml, a raw file or the graph's own code does not allow an answer.
    """
    from dvc.repo import Repo

    load_params()
    with Repo() as repo:
        lines, wait = at_work(repo)
        if wait:
            return lines, wait
        snakemake, dvc = stale_for_snakemake(repo), stale_for_dvc(repo)
        left = left_over(repo)
        first = partial(_first, repo)
    lines = [_would_run("Snakemake", snakemake, first), _would_run("DVC", dvc.places, first)]
    if not dvc.gone and (unrecorded := dvc.places - snakemake):
        lines.append(f"Made by Snakemake, not recorded in dvc.lock: {some(first(unrecorded))}.")
    if unadopted := snakemake - dvc.places:
        lines.append(
            f"Recorded in dvc.lock, not taken over by Snakemake: {some(first(unadopted))}."
        )
    if dvc.raw:
        lines.append(f"Replaced since `dvc add`: {', '.join(map(shlex.quote, dvc.raw))}.")
    if left:
        lines.append(f"Left over, no longer in params.yaml: {', '.join(map(shlex.quote, left))}.")
    if differences := describe():
        lines.append(differences)
    return lines, _next(snakemake, dvc, left) or (differences and _commit())


def stale_for_snakemake(repo) -> frozenset[str]:
    """The places of nodes that Snakemake would run.

    Raises InputError, with Snakemake's own words, if it refuses to say.
    """
    result = subprocess.run(SUMMARY, capture_output=True, text=True, check=False)
    if result.returncode:
        raise InputError(_reason(result.stderr or result.stdout))
    rows = csv.DictReader(result.stdout.splitlines(), delimiter="\t")
    files = [row["output_file"] for row in rows if row["plan"] != "no update"]
    places = {
        str(out): _place_of(stage) for stage in repo.index.stages if stage.cmd for out in stage.outs
    }
    return frozenset(places.get(file, file) for file in files)


def _reason(output: str) -> str:
    """What Snakemake said without what it says of itself."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " ".join(line for line in lines if not line.startswith(ASIDES)).removeprefix("error: ")


def stale_for_dvc(repo) -> Stale:
    from networkx import ancestors

    stages = {stage.addressing: stage for stage in repo.index.stages}
    outs = {str(out): out for out in repo.index.outs}
    changed = repo.status()
    added = [out for name in changed for out in stages[name].outs if not stages[name].cmd]
    raw = [str(out) for out in added if out.exists]
    stale = {stages[name] for name in changed if stages[name].cmd}
    stale |= {after for stage in stale for after in ancestors(repo.index.graph, stage)}
    causes = [cause for changes in changed.values() for cause in _causes(changes, outs)]
    return Stale(
        frozenset(map(_place_of, stale)),
        any(not out.exists for name in changed for out in stages[name].outs),
        bool(causes)
        and not raw
        and all(state == "deleted" and _is_cached(repo, outs.get(path)) for path, state in causes),
        sorted(raw),
    )


def _causes(changes: Iterable, outs: Collection[str]) -> list[tuple[str, str]]:
    """Of a stage's changes, as DVC states them, those that no other stage has made: path, state."""
    found = []
    for change in changes:
        if not isinstance(change, dict):  # such as "changed command"
            found.append((change, ""))
            continue
        for kind, files in change.items():
            for path, state in files.items():
                made = any(out == path or out.startswith(f"{path}/") for out in outs)
                if kind != "changed deps" or not made:
                    found.append((path, state))
    return found


def _is_cached(repo, out) -> bool:
    return bool(out and out.hash_info) and out.use_cache and is_cached(repo, out.hash_info.value)


def _place_of(stage) -> str:
    return agreement.place(stage).with_suffix("").as_posix()


def left_over(repo) -> list[str]:
    """Folders of nodes that there are no longer."""
    nodes = [stage for stage in repo.index.stages if "@" in stage.addressing]
    places = {agreement.place(stage) for stage in nodes}
    parents = {
        agreement.place(stage).parent
        for stage in nodes
        if agreement.place(stage).name == stage.addressing.partition("@")[2]
    }
    folders = [path for parent in parents if parent.is_dir() for path in parent.iterdir()]
    return sorted(str(path) for path in folders if path.is_dir() and path not in places)


def _next(snakemake: frozenset[str], dvc: Stale, left: Sequence[str]) -> str:
    """The command that brings both engines a step further; empty if both have nothing to do."""
    if blocking := [path for path in left if path.startswith("results/")]:
        return f"rm -r -- {shlex.join(blocking)}"
    if dvc.raw:
        return f"dvc add {shlex.join(dvc.raw)}"
    if dvc.restorable:
        return "dvc checkout"
    if snakemake and not dvc.places:
        return ADOPT
    if dvc.places and not snakemake:
        return REPRO if dvc.gone else CATCH_UP
    if dvc.places < snakemake:
        return REPRO
    return BUILD if snakemake else ""


def _commit() -> str:
    if is_merging():
        return "commit the merge that is under way"
    edited = differing(CODE)
    return f"commit {edited[0]}, then make baseline" if edited else "make baseline"


def _would_run(engine: str, places: frozenset[str], first: Callable) -> str:
    if not places:
        return f"{engine} has nothing to do."
    begin = first(places)
    after = len(places) - len(begin)
    more = f", and {_count(after)} after" if after else ""
    return f"{engine} would run {_count(len(begin))}: {some(begin)}{more}."


def _first(repo, places: Collection[str]) -> list[str]:
    """Those of these places that depend on none of the others."""
    from networkx import ancestors

    stages = [s for s in repo.index.stages if s.cmd and _place_of(s) in places]
    after = {later for stage in stages for later in ancestors(repo.index.graph, stage)}
    return [_place_of(stage) for stage in stages if stage not in after]


def _count(nodes: int) -> str:
    return f"{nodes} node{'s' if nodes > 1 else ''}"


def main() -> None:
    lines, command = status()
    print(*lines, sep="\n")
    if "MAKELEVEL" in os.environ and command.startswith(("snakemake", "dvc", "python")):
        command = f". .venv/bin/activate && {command}"
    print(f"Next: {command}" if command else "Next: nothing, both engines are up to date.")


if __name__ == "__main__":
    end(main)
