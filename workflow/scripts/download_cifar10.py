"""Fetch CIFAR-10's official archive: `download_cifar10.py [--form python] data/raw`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import shlex
from typing import Literal

from vaepipe.core.command import run
from vaepipe.datasets import download
from vaepipe.datasets.formats.cifar import CLASSES

SECTIONS = """In params.yaml, for the study objects:
samples:
  cifar: {{}}
sources:
  cifar:
    objects:
      train: {archive}
      test: {archive}
      classes:
{classes}
To record the file:
  {command}"""


def main(folder: Path, form: Literal["binary", "python"] = "binary") -> None:
    name = f"cifar-10-{form}.tar.gz"
    (archive,) = download.download_files(
        folder, Path(".cache/downloads"), download.CIFAR_URL, {name: download.CIFAR_MD5[name]}
    )
    classes = "\n".join(f"        - {name}" for name in CLASSES)
    command = shlex.join(["dvc", "add", str(archive)])
    print(SECTIONS.format(archive=archive, classes=classes, command=command))


run(main)
