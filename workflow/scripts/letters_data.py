"""Show a data set: one example per class, clean and noisy, and its counts."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe.command import run
from vaepipe.config import confirm, dump, load_params
from vaepipe.files import replacing, write_json
from vaepipe.images import first_of_each, read_images, shared_images
from vaepipe.letters import examples


def main(dataset: str, data: Path, folder: Path) -> None:
    def read() -> dict:
        return dump(load_params().studies.letters.figures)

    look = read()
    train, test = (read_images(data / name) for name in ("train.parquet", "test.parquet"))
    rows = first_of_each(train)
    with replacing(folder / "examples.svg", folder / "summary.json") as (
        picture,
        summary,
    ):
        examples(
            picture,
            train.pixels["clean"][rows],
            train.pixels["noisy"][rows],
            train.kind.classes,
            look,
        )
        write_json(
            summary,
            {
                "train": {"source": train.kind.source, "images": len(train.labels)},
                "test": {"source": test.kind.source, "images": len(test.labels)},
                "shared": shared_images(train, test),
                "classes": "".join(train.kind.classes),
            },
        )
        confirm(read, look)


run(main)
