"""Draw the built-in sample of avatars: an archive of images and a table."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "src"))

from functools import partial

from vaepipe.config.sources import IMAGES_FILES
from vaepipe.core.command import run
from vaepipe.datasets.samples.portraits import write_avatars
from vaepipe.node import node
from vaepipe.params import read


def main(name: str, folder: Path) -> None:
    outputs = [folder / file for file in IMAGES_FILES]
    with node(partial(read, f"samples.images.{name}"), *outputs) as (settings, files):
        write_avatars(*files, **settings)


run(main)
