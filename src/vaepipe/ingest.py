"""From the files of a data set to uint8 Parquet: wanted classes, upright images."""

from pathlib import Path

import numpy as np

from vaepipe import emnist
from vaepipe.errors import InputError
from vaepipe.images import Kind, writing
from vaepipe.progress import bar


def ingest_emnist(source: Path, target: Path, split: str, classes: str) -> None:
    """Keep the wanted classes of an EMNIST CSV file; label i stands for classes[i].

    Streams: peak memory does not grow with the file. Raises InputError as `read_csv` does, and
    if the split does not have a wanted class or the file has no image of one.
    """
    kept = _wanted(split, classes)
    counts = np.zeros(len(classes), int)
    kind = Kind((emnist.SIDE, emnist.SIDE), tuple(classes), str(source))
    with (
        writing(target, kind, ["image"], np.uint8) as file,
        bar(None, f"reading {source.name}", "row") as moved,
    ):
        for labels, images in emnist.read_csv(source, split):
            new = kept[labels]
            mask = new >= 0
            if mask.any():
                file.write(new[mask], images[mask])
            counts += np.bincount(new[mask], minlength=len(classes))
            moved.update(len(labels))
        missing = "".join(np.array(list(classes))[counts == 0])
        if missing:
            raise InputError(
                f"{source}: holds no image of {missing}. Correct `classes` or `split` in "
                "params.yaml, or name another file."
            )


def _wanted(split: str, classes: str) -> np.ndarray:
    """For each label of the split its place in the classes, or -1."""
    labels = {name: label for label, name in emnist.SPLITS[split].items()}
    unknown = "".join(name for name in classes if name not in labels)
    if unknown:
        raise InputError(f"params.yaml: classes: {unknown} not in the split '{split}' of EMNIST.")
    kept = np.full(max(labels.values()) + 1, -1)
    for index, name in enumerate(classes):
        kept[labels[name]] = index
    return kept
