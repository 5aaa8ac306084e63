"""Show a data set of the study faces: one example per class, and its counts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.generative.figures import DESCRIPTION, describe_data
from vaepipe.node import node
from vaepipe.params import read


def main(dataset: str, data: Path, folder: Path) -> None:
    outputs = [folder / file for file in DESCRIPTION]
    with node(partial(read, "studies.faces.figures"), *outputs) as (look, files):
        describe_data(look, data, *files)


run(main)
