"""Describe a data set of the study second."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.studies.second.figures import describe_data


def main(dataset: str, data: Path, folder: Path) -> None:
    outputs = [folder / "description.json"]
    with node(partial(read, "studies.second.datasets"), *outputs) as (_, files):
        describe_data(data, *files)


run(main)
