"""Draw the built-in sample of digits: files in MNIST's form."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.config.sources import IDX_FILES
from vaepipe.core.command import run
from vaepipe.datasets.samples.digits import write_idx
from vaepipe.node import node
from vaepipe.params import read


def main(name: str, folder: Path) -> None:
    outputs = [folder / file for file in IDX_FILES]
    with node(partial(read, f"samples.idx.{name}"), *outputs) as (settings, files):
        write_idx(files[:2], files[2:], **settings)


run(main)
