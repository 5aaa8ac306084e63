"""Train the judge of a data set, a classifier of its clean images."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.judges.training import OUTPUTS, train_judge
from vaepipe.node import node
from vaepipe.params import read


def main(dataset: str, data: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read, f"judges.{dataset}"), *outputs) as (settings, files):
        train_judge(settings, dataset, data, *files)


run(main)
