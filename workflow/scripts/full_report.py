"""Typeset the report of all studies."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_full_report
from vaepipe.report.pdf import typeset


def main(report: Path) -> None:
    with node(read_full_report, report) as (content, files):
        typeset(*files, Path("workflow"), **content)


run(main)
