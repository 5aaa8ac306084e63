"""Compare all variants of the study faces in one table."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.node import node
from vaepipe.params import read_sections
from vaepipe.studies.faces.comparison import OUTPUTS, compare


def main(
    models: Path,
    evaluations: Path,
    analyses: Path,
    anomaly: Path,
    contrast: Path,
    judge: Path,
    folder: Path,
) -> None:
    outputs = [folder / file for file in OUTPUTS]
    settings = partial(read_sections, "faces", ("datasets", "variants", "figures", "comparison"))
    with node(settings, *outputs) as (settings, files):
        compare(settings, models, evaluations, analyses, anomaly, contrast, judge, *files)


run(main)
