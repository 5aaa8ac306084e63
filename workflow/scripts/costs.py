"""Typeset what the nodes cost in time and memory."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.core.command import run
from vaepipe.core.files import replacing
from vaepipe.params import read
from vaepipe.report.costs import typeset


def main(costs: Path) -> None:
    template, graph = Path("workflow/report/costs.typ"), Path(".cache/graph.json")
    with replacing(costs) as files:
        typeset(*files, template, read("report.title"), graph)


run(main)
