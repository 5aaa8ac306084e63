"""Tell images of another data set from the test images of the study faces, by every score."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.studies.faces.anomaly import OUTPUTS, tell_apart


def main(dataset: str, data: Path, foreign: Path, models: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read, "studies.faces.anomaly"), *outputs) as (settings, files):
        tell_apart(settings, data, foreign, models, *files)


run(main)
