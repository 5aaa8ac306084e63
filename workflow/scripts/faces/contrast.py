"""Contrast an autoencoder and a VAE of the study faces, and images of one pixel error."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read
from vaepipe.studies.faces.contrast import OUTPUTS, contrast


def main(dataset: str, data: Path, models: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read, "studies.faces.contrast"), *outputs) as (settings, files):
        contrast(settings, data, models, *files)


run(main)
