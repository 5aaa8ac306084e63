"""Normalise a data set to [0, 1] and add noise."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import block, confirm, dump, load_params
from vaepipe.files import replacing
from vaepipe.noise import corrupt_file


def main(dataset: str, source: Path, target: Path) -> None:
    def read() -> dict:
        return dump(block(load_params().datasets.emnist, dataset, "data set").corruption)

    settings = read()
    names = ("train.parquet", "test.parquet")
    with replacing(*(target / name for name in names)) as targets:
        for stream, (name, path) in enumerate(zip(names, targets, strict=True)):
            corrupt_file(source / name, path, **settings, stream=stream)
        confirm(read, settings)


run(main)
