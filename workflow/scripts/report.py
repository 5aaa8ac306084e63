"""Typeset the report."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import load_params
from vaepipe.files import replacing
from vaepipe.report import typeset


def main(report: Path) -> None:
    load_params()
    with replacing(report) as (path,):
        typeset(path)


run(main)
