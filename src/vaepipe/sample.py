"""The built-in samples: files like the official ones, drawn by the project itself."""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from vaepipe.emnist import CLASSES, write_csv
from vaepipe.handwriting import draw_characters
from vaepipe.progress import bar

CHUNK = 500


def write_emnist(
    train: Path, test: Path, seed: int, train_per_class: int, test_per_class: int
) -> None:
    """Write two CSV files with every one of the 47 classes, in random order.

    The files depend on the counts and the seed only, not on the number of processes that draw.
    """
    total = (train_per_class + test_per_class) * len(CLASSES)
    files = ((train, train_per_class), (test, test_per_class))
    with bar(total, "drawing characters", "char") as moved:
        for stream, (path, count) in enumerate(files):
            order = np.random.default_rng([seed, stream])
            labels = order.permutation(np.repeat(np.arange(len(CLASSES)), count))
            blocks = []
            for block in _drawn(labels, 2 * seed + stream):
                blocks.append(block)
                moved.update(len(block))
            write_csv(path, labels, np.concatenate(blocks))


def _drawn(labels: np.ndarray, seed: int):
    offsets = range(0, len(labels), CHUNK)
    chunks = [labels[start : start + CHUNK] for start in offsets]
    with ProcessPoolExecutor() as pool:
        yield from pool.map(partial(_draw, seed), chunks, offsets)


def _draw(seed: int, labels: np.ndarray, offset: int) -> np.ndarray:
    return draw_characters(labels, seed, offset=offset)
