"""Draw the figures of one variant of the study faces."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.studies.faces.figures import OF_A_VARIANT, draw_variant


def main(variant: str, model: Path, analysis: Path, folder: Path) -> None:
    outputs = [folder / file for file in OF_A_VARIANT]
    with node(partial(read, "studies.faces.figures"), *outputs) as (look, files):
        draw_variant(look, model, analysis, *files)


run(main)
