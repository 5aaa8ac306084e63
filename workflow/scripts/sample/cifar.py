"""Draw the built-in sample of things: an archive in CIFAR-10's form."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.config.sources import CIFAR_FILES
from vaepipe.core.command import run
from vaepipe.datasets.samples.things import write_cifar
from vaepipe.node import node
from vaepipe.params import read


def main(name: str, folder: Path) -> None:
    outputs = [folder / file for file in CIFAR_FILES]
    with node(partial(read, f"samples.cifar.{name}"), *outputs) as (settings, files):
        write_cifar(*files, **settings)


run(main)
