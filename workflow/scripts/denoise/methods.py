"""Denoise the same images by every method of the study denoise."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_with_data
from vaepipe.studies.denoise.denoising import OUTPUTS, denoise_all


def main(dataset: str, data: Path, judge: Path, models: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    settings = partial(read_with_data, "studies.denoise.denoising", dataset)
    with node(settings, *outputs) as (settings, files):
        denoise_all(settings, data, judge, models, *files)


run(main)
