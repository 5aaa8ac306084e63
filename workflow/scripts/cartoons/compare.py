"""Compare all variants of the study cartoons: shared figures, one table."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_sections
from vaepipe.studies.cartoons.comparison import OUTPUTS, compare


def main(
    models: Path,
    evaluations: Path,
    analyses: Path,
    attributes: Path,
    judge: Path,
    data: Path,
    folder: Path,
) -> None:
    outputs = [folder / file for file in OUTPUTS]
    settings = partial(read_sections, "cartoons", ("variants", "figures", "comparison"))
    with node(settings, *outputs) as (settings, files):
        compare(settings, models, evaluations, analyses, attributes, judge, data, *files)


run(main)
