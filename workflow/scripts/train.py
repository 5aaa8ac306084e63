"""Train every seed of a variant."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.learning.states import forget
from vaepipe.learning.training import OUTPUTS, train_variant
from vaepipe.node import node
from vaepipe.params import read_variant


def main(variant: str, data: Path, folder: Path) -> None:
    outputs = [folder / file for file in OUTPUTS]
    with node(partial(read_variant, variant), *outputs) as (config, files):
        states = train_variant(config, data, *files)
    forget(states)


run(main)
