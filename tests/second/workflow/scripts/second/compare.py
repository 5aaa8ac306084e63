"""Compare the variants of the study second."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_sections
from vaepipe.studies.second.comparison import compare


def main(models: Path, evaluations: Path, folder: Path) -> None:
    outputs = [folder / "comparison.json"]
    with node(partial(read_sections, "second", ["variants"]), *outputs) as (settings, files):
        compare(settings, models, evaluations, *files)


run(main)
