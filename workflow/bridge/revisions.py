"""Two revisions side by side, with verdicts: `python workflow/bridge/revisions.py [OLD [NEW]]`.

Like `dvc metrics diff`, but by the values of all seeds: which of the differences are more than
another draw of the seeds would make. Without NEW, of what lies here; without OLD, of HEAD.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from ruamel.yaml import YAML

from bridge.baseline import of_revision
from bridge.command import carry_out, run
from bridge.undo import is_cached
from vaepipe.core.errors import InputError
from vaepipe.core.files import read_json
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.measures.seeds import spread
from vaepipe.measures.table import Summary
from vaepipe.measures.verdicts import Comparison, Samples, judge
from vaepipe.params import dump, load_params, lookup

SEEDS = "evaluations/*/seeds.json"

Results = dict[tuple[str, str], Mapping[str, Sequence[float]]]
"""By study and variant: the values of each measure over the seeds."""


class Row(NamedTuple):
    study: str
    variant: str
    samples: Samples
    """The new values and, as the others, the old ones."""
    found: Comparison


def rows(old: Results, new: Results, headlines: Mapping[str, Sequence[str]]) -> list[Row]:
    """All that differs of the headline measures that have a better end, judged as one set."""
    chosen = [
        (study, variant, Samples(measure, measures[measure], before[measure]))
        for (study, variant), measures in new.items()
        for before in [old.get((study, variant), {})]
        for measure in headlines.get(study, [])
        if CATALOGUE[measure].better and measure in measures and measure in before
    ]
    changed = [row for row in chosen if list(row[2].values) != list(row[2].others)]
    judged = judge([samples for _, _, samples in changed])
    return [Row(*row, found) for row, found in zip(changed, judged, strict=True)]


def results(revision: str | None) -> Results:
    """Those of a commit or an experiment, from DVC's cache; of None, those that lie here.

    Raises InputError if there is no such revision or the cache does not hold its results.
    """
    found = _of_cache(revision) if revision else _here()
    return {
        (path.parts[1], path.parent.name): {
            name: values["values"] for name, values in read_json(file, Summary)["measures"].items()
        }
        for path, file in found
    }


def _here() -> Iterator[tuple[Path, Path]]:
    return ((path, path) for path in sorted(Path("results").glob(f"*/{SEEDS}")))


def _of_cache(revision: str) -> Iterator[tuple[Path, Path]]:
    from dvc.repo import Repo
    from dvc.repo.experiments.utils import resolve_name

    with Repo() as repo:
        commit = str(resolve_name(repo.scm, [revision])[revision] or revision)
        if not run("git", "rev-list", "--ignore-missing", "-1", commit, "--"):
            raise InputError(f"{revision}: no such commit or experiment here.")
        lock = YAML(typ="safe").load(of_revision("dvc.lock", commit)) or {}
        outs = [out for stage in lock.get("stages", {}).values() for out in stage.get("outs", [])]
        for out in outs:
            path = Path(out["path"])
            if path.match(f"results/*/{SEEDS}"):
                if not is_cached(repo, out["md5"]):
                    raise InputError(
                        f"DVC's cache lacks {path} of {revision}. `dvc fetch --all-commits` brings "
                        "it if it was pushed."
                    )
                yield path, Path(repo.cache.local.oid_to_path(out["md5"]))


HEADINGS = ("variant", "measure", "old", "new", "change", "95 % interval", "p", "verdict")


def cells(row: Row) -> tuple[str, ...]:
    measure = CATALOGUE[row.samples.measure]
    difference, low, high, p, verdict = row.found

    def number(value: float, sign: str = "") -> str:
        return f"{value * measure.scale:{sign}.{measure.digits}f}"

    def over_seeds(values: Sequence[float]) -> str:
        of = spread(values)
        return number(of["mean"]) + (f" ± {number(of['std'])}" if of["std"] is not None else "")

    return (
        row.variant,
        f"{measure.label}, {measure.unit}" if measure.unit else measure.label,
        over_seeds(row.samples.others),
        over_seeds(row.samples.values),
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", nargs="?", default="HEAD", help="a commit or an experiment")
    parser.add_argument("new", nargs="?", help="another")
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    studies = lookup(dump(load_params()), "studies")
    headlines = {name: study["evaluation"]["headline"] for name, study in studies.items()}
    old, new = results(given.old), results(given.new)
    found = rows(old, new, headlines)
    for names, which in ((new.keys() - old.keys(), "new"), (old.keys() - new.keys(), "old")):
        if names:
            print(f"Only in the {which}: {', '.join(name for _, name in sorted(names))}.")
    if not found:
        print("No headline measure differs.")
        return
    for study in dict.fromkeys(row.study for row in found):
        table = [HEADINGS, *(cells(row) for row in found if row.study == study)]
        print(f"{study}:", (markdown if given.markdown else plain)(table), sep="\n\n", end="\n\n")
    print(
        f"{len(found)} differences, judged together: Welch's t test, p by Holm, at 5 %; "
        "each interval by itself."
    )


if __name__ == "__main__":
    carry_out(main)
