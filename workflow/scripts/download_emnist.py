"""Fetch the official EMNIST files: `download_emnist.py [--split letters] data/raw`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import shlex
from typing import Literal

from vaepipe.core.command import run
from vaepipe.datasets import download
from vaepipe.datasets.formats.characters import SPLITS


def main(folder: Path, split: Literal[*SPLITS] = "balanced") -> None:
    train, test = download.download_emnist(
        folder, split, Path(".cache/downloads"), download.URL, download.MD5
    )
    print("In params.yaml, under sources.emnist.letters:")
    print(f"  train: {train}")
    print(f"  test: {test}")
    if split != "balanced":
        print(f"  split: {split}")
    print("To record the files:")
    print(f"  {shlex.join(['dvc', 'add', str(train), str(test)])}")


run(main)
