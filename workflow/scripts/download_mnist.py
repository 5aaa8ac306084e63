"""Fetch the official MNIST files: `download_mnist.py data/raw`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import shlex

from vaepipe.core.command import run
from vaepipe.datasets import download

SECTIONS = """In params.yaml, for the study digits:
samples:
  idx: {{}}
sources:
  idx:
    digits:
      train:
        images: {}
        labels: {}
      test:
        images: {}
        labels: {}
      split: mnist
      orientation: upright
      classes: "0123456789"
To record the files:
  {}"""


def main(folder: Path) -> None:
    files = download.download_files(
        folder, Path(".cache/downloads"), download.MNIST_URL, download.MNIST_MD5
    )
    print(SECTIONS.format(*files, shlex.join(["dvc", "add", *map(str, files)])))


run(main)
