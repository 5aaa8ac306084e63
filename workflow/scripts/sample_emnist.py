"""Draw the built-in sample: CSV files in EMNIST's form."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import EMNIST_FILES, block, confirm, dump, load_params
from vaepipe.files import replacing
from vaepipe.sample import write_emnist


def main(name: str, folder: Path) -> None:
    def read() -> dict:
        return dump(block(load_params().samples.emnist, name, "sample"))

    settings = read()
    with replacing(*(folder / file for file in EMNIST_FILES)) as (train, test):
        write_emnist(train, test, **settings)
        confirm(read, settings)


run(main)
