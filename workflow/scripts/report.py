"""Typeset the report of one study."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_report
from vaepipe.report.pdf import typeset


def main(study: str, report: Path) -> None:
    with node(partial(read_report, study), report) as (content, files):
        typeset(*files, Path("workflow"), **content)


run(main)
