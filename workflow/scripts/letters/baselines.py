"""Measure what the VAEs of the study letters are held against."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.measures.baselines import OUTPUTS, measure_baselines
from vaepipe.node import node
from vaepipe.params import read_sections


def main(dataset: str, data: Path, judge: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    settings = partial(read_sections, "letters", ("evaluation", "baselines"))
    with node(settings, *outputs) as (settings, files):
        measure_baselines(settings, data, judge, *files)


run(main)
