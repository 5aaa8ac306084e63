"""Typeset the report."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import confirm, dump, load_params
from vaepipe.files import replacing
from vaepipe.report import typeset


def main(report: Path) -> None:
    def read() -> dict:
        return dump(load_params())

    params = read()
    with replacing(report) as (path,):
        typeset(path, params)
        confirm(read, params)


run(main)
