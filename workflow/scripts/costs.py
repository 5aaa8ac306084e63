"""Typeset what the nodes cost in time and memory."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.report.costs import typeset


def main(costs: Path) -> None:
    template, graph = Path("workflow/report/costs.typ"), Path(".cache/graph.json")
    with node(partial(read, "report.title"), costs) as (title, files):
        typeset(*files, template, title, graph)


run(main)
