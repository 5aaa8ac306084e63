"""The built-in sample of characters: files like EMNIST's, drawn by the project itself."""

from pathlib import Path

import numpy as np

from vaepipe.core.progress import track
from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.formats.emnist import write_csv
from vaepipe.datasets.samples.handwriting import draw_characters

CHUNK = 500


def write_emnist(
    train: Path, test: Path, seed: int, train_per_class: int, test_per_class: int
) -> None:
    """Write two CSV files with every one of the 47 classes, in random order."""
    for stream, (path, count) in enumerate(((train, train_per_class), (test, test_per_class))):
        order = np.random.default_rng([seed, stream])
        labels = order.permutation(np.repeat(np.arange(len(CLASSES)), count))
        offsets = range(0, len(labels), CHUNK)
        blocks = [
            draw_characters(labels[start : start + CHUNK], 2 * seed + stream, offset=start)
            for start in track(offsets, len(offsets), "drawing characters", "block")
        ]
        write_csv(path, labels, np.concatenate(blocks))
