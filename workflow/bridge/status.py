"""Where both engines stand, and the one command to type next: `make status`."""

import csv
import hashlib
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
from bridge.baseline import CODE, OFFER, describe, differing, is_merging, of_head
from bridge.busy import at_work
from bridge.command import carry_out, some
from bridge.digests import Digests
from bridge.record import CATCH_UP
from bridge.undo import is_cached
from vaepipe.core.errors import InputError
from vaepipe.core.provenance import record_file
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
    restore: str
    """The command that brings outputs back; empty if not all that is stale could come back."""
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
        nodes = sum(bool(stage.cmd) for stage in repo.index.stages)
        remote = repo.config["core"].get("remote")
    lines = [
        f"{engine} {_would_run(places, nodes, first)}."
        for engine, places in (("Snakemake", snakemake), ("DVC", dvc.places))
    ]
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
    if remote and dvc.gone and not dvc.restore:
        lines.append(f"`dvc pull` brings what was pushed to {remote}.")
    command = _next(snakemake, dvc, left)
    if differences := describe():
        lines.append(differences if command else f"{differences} {OFFER}")
        command = command or _commit()
    return lines, command


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
    restore = "" if raw else _restore(repo, [(outs.get(path), state) for path, state in causes])
    return Stale(
        frozenset(map(_place_of, stale)),
        any(not out.exists for name in changed for out in stages[name].outs),
        restore,
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


def _restore(repo, causes: Iterable[tuple]) -> str:
    """What brings back outputs that are gone or another commit's, where nothing else is amiss."""
    digests, in_git = Digests(), []
    for out, state in causes:
        if not out or not out.hash_info or state not in ("deleted", "modified"):
            return ""
        known, gone = out.hash_info.value, state == "deleted"
        if out.use_cache:
            if not is_cached(repo, known):
                return ""
            if not gone and not is_cached(repo, digests.of(Path(str(out)))):
                return ""
        elif gone and _md5(of_head(str(out))) == known:
            in_git.append(str(out))
        else:
            return ""
    if in_git:
        return f"git checkout HEAD -- {shlex.join(in_git)}"
    return "dvc checkout" if causes else ""


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _place_of(stage) -> str:
    return agreement.place(stage).with_suffix("").as_posix()


def left_over(repo) -> list[str]:
    """Folders of nodes that were made here and that there are no longer."""
    nodes = [stage for stage in repo.index.stages if "@" in stage.addressing]
    places = {agreement.place(stage) for stage in nodes}
    parents = {
        agreement.place(stage).parent
        for stage in nodes
        if agreement.place(stage).name == stage.addressing.partition("@")[2]
    }
    folders = [path for parent in parents if parent.is_dir() for path in parent.iterdir()]
    gone = [path for path in folders if path.is_dir() and path not in places]
    return sorted(str(path) for path in gone if record_file(path).is_file())


def _next(snakemake: frozenset[str], dvc: Stale, left: Sequence[str]) -> str:
    """The command that brings both engines a step further; empty if both have nothing to do."""
    if blocking := [path for path in left if path.startswith("results/")]:
        return f"rm -r -- {shlex.join(blocking)}"
    if dvc.raw:
        return f"dvc add {shlex.join(dvc.raw)}"
    if dvc.restore:
        return dvc.restore
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


def _would_run(places: frozenset[str], nodes: int, first: Callable) -> str:
    if not places:
        return "has nothing to do"
    return f"would run {len(places)} of {nodes} nodes, first {some(first(places))}"


def _first(repo, places: Collection[str]) -> list[str]:
    """Those of these places that depend on none of the others."""
    from networkx import ancestors

    stages = [s for s in repo.index.stages if s.cmd and _place_of(s) in places]
    after = {later for stage in stages for later in ancestors(repo.index.graph, stage)}
    return [_place_of(stage) for stage in stages if stage not in after]


def main() -> None:
    lines, command = status()
    print(*lines, sep="\n")
    if "MAKELEVEL" in os.environ and command.startswith(("snakemake", "dvc", "python")):
        command = f". .venv/bin/activate && {command}"
    print(f"Next: {command}" if command else "Next: nothing, both engines are up to date.")


if __name__ == "__main__":
    carry_out(main)
