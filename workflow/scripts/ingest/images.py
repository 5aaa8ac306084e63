"""Read a source in files of images: the wanted classes, in one size, as uint8 Parquet."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.core.command import run
from vaepipe.datasets.formats.pictures import ingest
from vaepipe.datasets.images import FILES
from vaepipe.node import node
from vaepipe.params import read


def main(name: str, folder: Path) -> None:
    outputs = [folder / file for file in FILES]
    with node(partial(read, f"sources.images.{name}"), *outputs) as (settings, files):
        ingest(files, **settings)


run(main)
