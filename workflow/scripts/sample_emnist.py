"""Draw the built-in sample: CSV files in EMNIST's form."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import EMNIST_FILES, load_params
from vaepipe.files import replacing
from vaepipe.sample import write_emnist


def main(name: str, folder: Path) -> None:
    sample = load_params().samples.emnist[name]
    with replacing(*(folder / file for file in EMNIST_FILES)) as (train, test):
        write_emnist(train, test, sample.seed, sample.train_per_class, sample.test_per_class)


run(main)
