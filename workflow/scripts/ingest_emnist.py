"""Read a data set's EMNIST files: the wanted classes, upright, as uint8 Parquet."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import EmnistSource, block, confirm, load_params
from vaepipe.files import replacing
from vaepipe.ingest import ingest_emnist


def main(dataset: str, folder: Path) -> None:
    def read() -> EmnistSource:
        return block(load_params().datasets.emnist, dataset, "data set").source

    source = read()
    with replacing(folder / "train.parquet", folder / "test.parquet") as (train, test):
        ingest_emnist(Path(source.train), train, source.split, source.classes)
        ingest_emnist(Path(source.test), test, source.split, source.classes)
        confirm(read, source)


run(main)
