"""Measure every seed of a trained variant on the test split; draw nothing."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.measures.evaluation import OUTPUTS, evaluate_variant
from vaepipe.node import node
from vaepipe.params import read_evaluation


def main(variant: str, data: Path, judge: Path, model: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read_evaluation, variant), *outputs) as (settings, files):
        evaluate_variant(settings, data, judge, model, *files)


run(main)
