"""Two revisions side by side, with verdicts: `python workflow/bridge/revisions.py [OLD [NEW]]`.

Like `dvc metrics diff`, but by the values of all seeds: which of the differences are more than
other trainings of the same would make. Without NEW, of what lies here; without OLD, of HEAD.
"""

import argparse
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from ruamel.yaml import YAML

from bridge.baseline import of_revision
from bridge.command import carry_out, run
from bridge.undo import committed, is_cached
from vaepipe.core.errors import InputError
from vaepipe.core.files import read_json
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.measures.seeds import spread
from vaepipe.measures.table import Summary
from vaepipe.measures.verdicts import Comparison, Contrast, difference, judge
from vaepipe.params import PARAMS, dump, load_params, lookup

SEEDS = "evaluations/*/seeds.json"
MEASURED_ON = ("samples", "sources", "datasets", "judges")
"""Sections of params.yaml that all measures depend on, beside `evaluation` of a study."""

Results = dict[tuple[str, str], Summary]
"""By study and variant."""


class Row(NamedTuple):
    study: str
    variant: str
    contrast: Contrast
    """The new values, and the old ones."""
    found: Comparison


Change = tuple[str, str, Contrast]
"""Study, variant, and the new and the old values of a measure."""


def changes(old: Results, new: Results, headlines: Mapping[str, Sequence[str]]) -> list[Change]:
    """All headline measures whose values differ for a seed that both revisions have.

    Of those that share no seed, all.
    """
    return [
        (study, variant, difference(name, _values(summary, name), _values(before, name)))
        for (study, variant), summary in new.items()
        for before in [old.get((study, variant))]
        for name in headlines.get(study, [])
        if before and name in before["measures"] and name in summary["measures"]
        for shared in [set(before["seeds"]) & set(summary["seeds"])]
        if not shared or _values(summary, name, shared) != _values(before, name, shared)
    ]


def judged(changed: Sequence[Change]) -> list[Row]:
    """Verdicts on those that have a better end, as one set."""
    chosen = [change for change in changed if CATALOGUE[change[2].measure].better]
    found = judge([contrast for _, _, contrast in chosen])
    return [Row(*change, of) for change, of in zip(chosen, found, strict=True)]


def _values(summary: Summary, name: str, of: Collection[int] | None = None) -> list[float]:
    """The values of a measure over all seeds, or over some of them, in their order."""
    pairs = zip(summary["seeds"], summary["measures"][name]["values"], strict=True)
    return [value for seed, value in sorted(pairs) if of is None or seed in of]


def otherwise_measured(old: Mapping, new: Mapping, studies: Collection[str]) -> list[str]:
    """Sections of two params.yaml that differ though measures are to be compared."""
    sections = [*MEASURED_ON, *(f"studies.{name}.evaluation" for name in studies)]
    return [name for name in sections if _section(old, name) != _section(new, name)]


def _section(params: Mapping, name: str) -> Any:
    try:
        return lookup(params, name)
    except InputError:
        return None


def results(repo, commit: str | None) -> Results:
    """Those of a commit, from DVC's cache; of None, those that lie here.

    Raises InputError if the cache does not hold them.
    """
    found = _of_cache(repo, commit) if commit else _here()
    return {(path.parts[1], path.parent.name): read_json(file, Summary) for path, file in found}


def _here() -> Iterator[tuple[Path, Path]]:
    return ((path, path) for path in sorted(Path("results").glob(f"*/{SEEDS}")))


def _of_cache(repo, commit: str) -> Iterator[tuple[Path, Path]]:
    for path, digest in committed(commit):
        if Path(path).match(f"results/*/{SEEDS}"):
            if not is_cached(repo, digest):
                raise InputError(
                    f"DVC's cache lacks {path} of {commit}, which another machine may have made. "
                    "`dvc fetch --all-commits` brings it if it was pushed; `make baseline` makes "
                    "what lies here the state to compare with."
                )
            yield Path(path), Path(repo.cache.local.oid_to_path(digest))


def params_of(commit: str | None) -> Mapping:
    if not commit:
        return dump(load_params())
    return YAML(typ="safe").load(of_revision(str(PARAMS), commit)) or {}


def resolve(repo, revision: str) -> str:
    """What git calls a commit or an experiment; raises InputError if there is none."""
    from dvc.repo.experiments.utils import resolve_name

    commit = str(resolve_name(repo.scm, [revision])[revision] or revision)
    if not run("git", "rev-list", "--ignore-missing", "-1", commit, "--"):
        raise InputError(f"{revision}: no such commit or experiment here.")
    return commit


HEADINGS = ("variant", "measure", "old", "new", "change", "95 % interval", "p", "verdict")


def cells(row: Row) -> tuple[str, ...]:
    measure = CATALOGUE[row.contrast.measure]
    values, others = row.contrast.groups
    difference, low, high, p, _, verdict = row.found

    def number(value: float, sign: str = "") -> str:
        return f"{value * measure.scale:{sign}.{measure.digits}f}"

    def over_seeds(values: Sequence[float]) -> str:
        of = spread(values)
        return number(of["mean"]) + (f" ± {number(of['std'])}" if of["std"] is not None else "")

    return (
        row.variant,
        f"{measure.label}, {measure.unit}" if measure.unit else measure.label,
        over_seeds(others),
        over_seeds(values),
        number(difference, "+"),
        "" if low is None else f"{number(low, '+')} to {number(high, '+')}",
        "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
        verdict,
    )


def plain(table: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, under a line for each variant."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    lines, variant = [], table[0][0]
    for name, *row in table:
        if name != variant:
            lines.append(name)
            variant = name
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths[1:], strict=True))
        lines.append(f"  {line}".rstrip())
    return "\n".join(lines)


def markdown(table: Sequence[Sequence[str]]) -> str:
    head, *body = table
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def main() -> None:
    from dvc.repo import Repo

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", nargs="?", default="HEAD", help="a commit or an experiment")
    parser.add_argument("new", nargs="?", help="another")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    with Repo() as repo:
        commits = [resolve(repo, name) if name else None for name in (given.old, given.new)]
        old, new = (results(repo, commit) for commit in commits)
    before, now = map(params_of, commits)
    headlines = {name: study["evaluation"]["headline"] for name, study in now["studies"].items()}
    for names, which in ((new.keys() - old.keys(), "new"), (old.keys() - new.keys(), "old")):
        if names:
            print(f"Only in the {which}: {', '.join(name for _, name in sorted(names))}.")
    if sections := otherwise_measured(before, now, headlines):
        print(f"Not measured on the same: {', '.join(sections)} differ, so better may be easier.")
    changed = changes(old, new, headlines)
    found = judged(changed)
    others = [
        f"{CATALOGUE[contrast.measure].label} of {variant}"
        for _, variant, contrast in changed
        if not CATALOGUE[contrast.measure].better
    ]
    for study in dict.fromkeys(row.study for row in found):
        table = [HEADINGS, *(cells(row) for row in found if row.study == study)]
        print(f"{study}:", (markdown if given.markdown else plain)(table), sep="\n\n", end="\n\n")
    if others:
        print(f"Different too, but neither better nor worse: {', '.join(others)}.")
    if any(row.found.p is not None for row in found):
        print(
            f"Judged together, {len(found)} in all: Welch's t test, p by Holm, at 1 %; each "
            "interval by itself."
        )
    if not changed:
        print("No headline measure differs.")


if __name__ == "__main__":
    carry_out(main)
