"""Make what the figures of a variant's study are drawn from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_study
from vaepipe.studies.analysis import OUTPUTS, analyse_variant


def main(variant: str, data: Path, model: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read_study, variant, "analysis"), *outputs) as (settings, files):
        analyse_variant(settings, data, model, *files)


run(main)
