"""Let the judges of attributes look at samples of all variants of the study cartoons."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_sections
from vaepipe.studies.cartoons.attributes import OUTPUTS, measure_attributes


def main(dataset: str, data: Path, judge: Path, models: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    settings = partial(read_sections, "cartoons", ("variants", "attributes", "claims"))
    with node(settings, *outputs) as (settings, files):
        measure_attributes(settings, data, judge, models, *files)


run(main)
