"""Scale a source to [0, 1] and add noise."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.datasets.images import FILES
from vaepipe.datasets.noise import prepare
from vaepipe.node import node
from vaepipe.params import read


def main(dataset: str, source: Path, folder: Path) -> None:
    outputs = [folder / file for file in FILES]
    with node(partial(read, f"datasets.{dataset}"), *outputs) as (settings, files):
        prepare([source / file for file in FILES], files, settings)


run(main)
