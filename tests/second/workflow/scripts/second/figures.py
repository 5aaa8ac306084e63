"""Draw the figure of one variant of the study second."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.studies.second.figures import draw_variant


def main(variant: str, analysis: Path, folder: Path) -> None:
    outputs = [folder / "samples.svg"]
    with node(partial(read, "studies.second.figures"), *outputs) as (look, files):
        draw_variant(look, analysis, *files)


run(main)
