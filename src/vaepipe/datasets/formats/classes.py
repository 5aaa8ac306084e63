"""Labelled images in any file format: such of the classes that are kept, counted as they pass."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from vaepipe.core.progress import bar
from vaepipe.datasets.images import Kind, writing


def write_classes(
    blocks: Iterable[tuple[np.ndarray, np.ndarray]],
    labels: Sequence[int],
    kind: Kind,
    target: Path,
    look: Callable[[np.ndarray], object] | None = None,
) -> list[str]:
    """Write those images of blocks, labels (n,) and upright uint8 (n, *shape), that are kept.

    The i-th of `labels` is the number that the files give the i-th class of the kind. `look` sees
    each block of kept images. Returns the classes that no image is of. Memory does not grow with
    the number of blocks.
    """
    kept = np.full(256, -1)
    kept[list(labels)] = range(len(labels))
    counts = np.zeros(len(labels), int)
    with (
        writing(target, kind, ["image"], np.uint8) as file,
        bar(None, f"reading {Path(kind.source).name}", "image") as moved,
    ):
        for found, images in blocks:
            new = kept[found]
            mask = new >= 0
            if mask.any():
                file.write(new[mask], images[mask])
                if look:
                    look(images[mask])
            counts += np.bincount(new[mask], minlength=len(labels))
            moved.update(len(found))
    return [name for name, count in zip(kind.classes, counts, strict=True) if not count]
