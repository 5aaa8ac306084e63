"""The experiments on the last commit as one table: `python workflow/bridge/experiments.py`.

`dvc exp show` has a column for each measure of each variant. Here each experiment says what it
changed, and a variant whose headline measures it moved has a row for it, below that of the commit.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge.command import carry_out, run
from bridge.revisions import markdown, plain
from vaepipe.core.errors import InputError
from vaepipe.measures.catalogue import CATALOGUE

HERE = "here, edited"
"""What lies here, where it is not what the commit has."""
WIDTH = 24
"""Characters of a value, at the most."""

State = Mapping[str, Any]
"""Parameters, metrics and dependencies of a revision, as DVC shows them."""
Table = list[tuple[str, ...]]


def states(shown: Sequence[Mapping]) -> tuple[dict[str, State], dict[str, str]]:
    """What `dvc exp show --json` shows: states by name, the commit's first; and what is not done.

    Those are the names of queued, running and failed experiments, with that word. Raises
    InputError if DVC could not read what lies here, or the commit.
    """
    here, commit, *_ = shown
    for of in (here, commit):
        if not of["data"]:
            raise InputError(f"DVC cannot read {of['rev']}: {of['error']['msg']}")
    found = {commit["name"] or commit["rev"][:7]: commit["data"]}
    waiting = {}
    if differs(here["data"], commit["data"]):
        found[HERE] = here["data"]
    for experiment in commit["experiments"] or ():
        tip = experiment["revs"][0]
        name = tip["name"] or tip["rev"][:7]
        state = (experiment["executor"] or {}).get("state", "success")
        if state == "success" and tip["data"]:
            found[name] = tip["data"]
        else:
            waiting[name] = state
    return found, waiting


def differs(one: State, other: State) -> bool:
    return any(one[part] != other[part] for part in ("params", "metrics"))


def leaves(value: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values of nested mappings."""
    if not isinstance(value, Mapping):
        yield prefix, value
        return
    for key, part in value.items():
        yield from leaves(part, f"{prefix}.{key}" if prefix else key)


def edits(found: Mapping[str, State]) -> Table:
    """Of each experiment the parameters and the code that are not the commit's."""
    (first, commit), *others = found.items()
    rows = [("experiment", "changed", first, "now")]
    for name, state in others:
        before, now = (dict(leaves(of["params"]["params.yaml"]["data"])) for of in (commit, state))
        rows += [
            (name, key, cut(before.get(key)), cut(now.get(key)))
            for key in {**before, **now}
            if before.get(key) != now.get(key)
        ]
        rows += [
            (name, path, "", "edited")
            for path, of in state["deps"].items()
            if path.startswith(("src/", "workflow/"))
            and of["hash"] != commit["deps"].get(path, of)["hash"]
        ]
    return rows


def cut(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 1]}…"


def measured(found: Mapping[str, State]) -> dict[str, Table]:
    """By study, the rows of each variant whose headline measures an experiment has moved."""
    first, *others = found
    of_variant: dict[tuple[str, str], dict[str, Mapping[str, float]]] = {}
    for name, state in found.items():
        for path, metrics in state["metrics"].items():
            _, study, _, variant, _ = Path(path).parts
            if "data" in metrics:
                of_variant.setdefault((study, variant), {})[name] = metrics["data"]
    studies: dict[str, dict[str, dict[str, Mapping[str, float]]]] = {}
    for (study, variant), values in of_variant.items():
        moved = [name for name in others if name in values and values[name] != values.get(first)]
        if moved:
            shown = [first, *moved] if first in values else moved
            studies.setdefault(study, {})[variant] = {name: values[name] for name in shown}
    return {study: rows_of(variants) for study, variants in studies.items()}


def rows_of(variants: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Table:
    """The rows of a study's variants, which may have different measures."""
    every = [metrics for values in variants.values() for metrics in values.values()]
    names = list(dict.fromkeys(key for metrics in every for key in metrics))
    return [
        *heads(names),
        *(
            (variant, name, *(number(key, metrics.get(key)) for key in names))
            for variant, values in variants.items()
            for name, metrics in values.items()
        ),
    ]


def heads(names: Sequence[str]) -> Table:
    """The headings of measures, a word a line, so that they are no wider than their numbers."""
    words = [[*CATALOGUE[name].label.split(), CATALOGUE[name].unit] for name in names]
    lines = max(map(len, words))
    above = [["", *[""] * (lines - len(of)), *of][-lines:] for of in words]
    columns = [["variant"] * lines, [""] * (lines - 1) + ["experiment"], *above]
    return list(zip(*columns, strict=True))


def number(name: str, value: float | None) -> str:
    measure = CATALOGUE[name]
    return "" if value is None else f"{value * measure.scale:.{measure.digits}f}"


def merged(table: Table) -> Table:
    """Headings on one line, as Markdown wants them."""
    head = [row for row in table if row[0] == table[0][0]]
    words = [" ".join(filter(None, dict.fromkeys(column))) for column in zip(*head, strict=True)]
    return [tuple(words), *table[len(head) :]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--markdown", action="store_true")
    given = parser.parse_args()
    found, waiting = states(json.loads(run("dvc", "exp", "show", "--json")))
    for name, state in waiting.items():
        print(f"{name}: {state.lower()}.")
    if len(found) == 1:
        print("No experiment on the last commit is done: see `dvc queue status`.")
        return
    tables = {"Changed": edits(found), **measured(found)}
    for title, table in tables.items():
        shown = markdown(merged(table)) if given.markdown else plain(table)
        print(f"{title}:", shown, sep="\n\n", end="\n\n")
    print(
        "Means over the seeds. Which differences are more than other seeds would make:\n"
        "python workflow/bridge/revisions.py OLD NEW"
    )


if __name__ == "__main__":
    carry_out(main)
