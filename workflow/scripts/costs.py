"""Typeset what the nodes cost in time and memory."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import load_params
from vaepipe.costs import typeset
from vaepipe.files import replacing


def main(costs: Path) -> None:
    with replacing(costs) as (path,):
        typeset(path, load_params())


run(main)
