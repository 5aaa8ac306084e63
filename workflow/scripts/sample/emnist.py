"""Draw the built-in sample of characters: CSV files in EMNIST's form."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.config.sources import EMNIST_FILES
from vaepipe.core.command import run
from vaepipe.datasets.samples.characters import write_emnist
from vaepipe.node import node
from vaepipe.params import read


def main(name: str, folder: Path) -> None:
    outputs = [folder / file for file in EMNIST_FILES]
    with node(partial(read, f"samples.emnist.{name}"), *outputs) as (settings, files):
        write_emnist(*files, **settings)


run(main)
