"""Whether verdicts survive other processors: `python benchmarks/builds.py`.

The default report's comparison is built once as it is and five times as elsewhere, in copies of
this project (.cache/builds/NAME), where an interrupted run goes on. Other processors are had by
the instructions that libraries may use, and by initial weights scaled by a millionth, which
trainings answer to as much. Printed is the verdict of each comparison in each build, beside the
chance of it that the first gives. The exit status is 1 if two builds contradict each other, if
what the first decides is decided in fewer than five, or if two builds share trainings.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "tests")]

from conftest import ROOT, Project

COPIES = ROOT / ".cache/builds"
TABLE = "results/letters/comparison/comparison.json"
LOOP = "src/vaepipe/learning/loop.py"
BUILT = "        model = build_network(config).to(device)\n"
SCALED = """        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_({factor})
"""
LEAST = 5
"""Builds in which a difference must be decided that the first decides."""
OPPOSITE = {"better": "worse", "worse": "better"}


@dataclass(frozen=True)
class Build:
    environment: Mapping[str, str] = field(default_factory=dict)
    factor: float = 1.0
    """Of the initial weights."""


BUILDS = {
    "as it is": Build(),
    "torch without AVX": Build({"ATEN_CPU_CAPABILITY": "default"}),
    "weights + 1e-6": Build(factor=1 + 1e-6),
    "weights - 1e-6": Build(factor=1 - 1e-6),
    "weights + 2e-6": Build(factor=1 + 2e-6),
    "weights - 2e-6": Build(factor=1 - 2e-6),
}


def make(name: str, build: Build) -> dict[str, Any]:
    """The table of a build."""
    folder = COPIES / name.replace(" ", "_")
    Project.of_full_size(folder)
    if build.factor != 1:
        loop = (folder / LOOP).read_text()
        if BUILT not in loop:
            sys.exit(f"error: {LOOP} no longer holds the line after which weights are scaled.")
        scaled = loop.replace(BUILT, BUILT + SCALED.format(factor=build.factor))
        (folder / LOOP).write_text(scaled)
    command = ["snakemake", "--cores", "all", TABLE]
    environment = os.environ | build.environment
    if subprocess.run(command, cwd=folder, env=environment, check=False).returncode:
        sys.exit(f"error: the build '{name}' failed. Its copy of the project is {folder}.")
    return json.loads((folder / TABLE).read_text())


def comparisons(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for found in table["comparisons"]:
        yield f"{found['variant']} against {found['other']}", found
    for square in table["squares"]:
        for effect, found in square["effects"].items():
            yield effect.replace("_", " "), found
    for found in table["equal_steps"]:
        yield f"{found['variant']} against {found['other']}, equal steps", found


def shared(tables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What two builds have in common: such trainings would count twice."""
    values = {
        name: {row["name"]: row["measures"]["elbo"]["values"] for row in table["variants"]}
        for name, table in tables.items()
    }
    for one, other in combinations(tables, 2):
        same = [variant for variant, of in values[one].items() if of == values[other][variant]]
        if same:
            yield f"{one} and {other} have the same trainings of {', '.join(same)}."


def main() -> bool:
    tables = {name: make(name, build) for name, build in BUILDS.items()}
    found = {name: dict(comparisons(table)) for name, table in tables.items()}
    first = next(iter(found.values()))
    print(f"\n| difference, nats (verdict) | again | {' | '.join(found)} |")
    print(f"| --- | --- |{' --- |' * len(found)}")
    faults = list(shared(tables))
    for comparison, of_first in first.items():
        of_builds = [table[comparison] for table in found.values()]
        verdicts = [of["verdict"] for of in of_builds]
        cells = [f"{of['difference']:+.1f} ({of['verdict']})" for of in of_builds]
        print(f"| {comparison} | {100 * of_first['again']:.0f} % | {' | '.join(cells)} |")
        if any(OPPOSITE.get(verdict) in verdicts for verdict in verdicts):
            faults.append(f"{comparison}: contradicted.")
        elif verdicts[0] in OPPOSITE and verdicts.count(verdicts[0]) < LEAST:
            faults.append(f"{comparison}: decided too seldom.")
    print("", *faults, sep="\n")
    return not faults


if __name__ == "__main__":
    sys.exit(not main())
