"""Index a folder of images, which a source then names: `index_images.py data/raw/avatars`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import shlex

from vaepipe.core.command import run
from vaepipe.datasets.formats.containers import write_index


def main(folder: Path) -> None:
    index = write_index(folder)
    command = shlex.join(["dvc", "add", str(index), str(folder)])
    print(f"Name {index} as `file` of a source. To record the images:\n  {command}")


run(main)
