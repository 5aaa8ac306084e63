"""The built-in sample of digits: files like MNIST's, drawn by the project itself.

A digit is one of the shapes of the module `numerals`, written with the module `pen` and processed
as MNIST processed its scans (LeCun, Cortes & Burges, <http://yann.lecun.com/exdb/mnist/>): scaled
with anti-aliasing to fit a box of 20 x 20 pixels, the box placed so that its centre of mass is at
the centre of 28 x 28. The same seed gives the same bytes on every processor: see the module
`exact`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from vaepipe.core.progress import track
from vaepipe.datasets.formats import idx
from vaepipe.datasets.samples import pen
from vaepipe.datasets.samples.exact import exp, normal
from vaepipe.datasets.samples.numerals import NUMERALS, numeral_allographs
from vaepipe.datasets.samples.pen import Forms, Hands

CHUNK = 500
SIDE = 28
BOX = 20

PEN = 12.8
"""Median width of the pen, in glyph units: sets how much ink there is."""

PENS = 0.28
"""Spread of the logarithm of that width, since people write small and large with all pens."""

HANDS = Hands(width=(0.12, 0.2), slant=(0.13, 0.23), angle=(0, 0.08))
"""With `PEN`, `PENS` and the shapes, ink, width of stroke and slant are distributed as in MNIST."""


def write_idx(
    train: Sequence[Path],
    test: Sequence[Path],
    seed: int,
    train_per_class: int,
    test_per_class: int,
) -> None:
    """Write files of images and of labels, packed, with all ten digits in random order."""
    for stream, (paths, count) in enumerate(((train, train_per_class), (test, test_per_class))):
        order = np.random.default_rng([seed, stream])
        labels = order.permutation(np.repeat(np.arange(len(NUMERALS)), count))
        offsets = range(0, len(labels), CHUNK)
        blocks = [
            draw_digits(labels[start : start + CHUNK], 2 * seed + stream, offset=start)
            for start in track(offsets, len(offsets), "drawing digits", "block")
        ]
        for path, items in zip(paths, (np.concatenate(blocks), labels), strict=True):
            idx.write(path, items, packed=True)


def draw_digits(labels: np.ndarray, seed: int, *, offset: int = 0) -> np.ndarray:
    """Draw one upright digit for each label: uint8 (n, 28, 28), white (255) on black (0).

    Args:
        labels: digits (n,), 0..9.
        seed: seed of the whole set, not negative.
        offset: index of the first digit in the set. Digit i of the set depends on seed, i and its
            label only, so that a set may be drawn in parts.
    """
    images = np.zeros((len(labels), SIDE, SIDE), np.uint8)
    for i, label in enumerate(labels):
        images[i] = _draw(int(label), np.random.default_rng([seed, offset + i]))
    return images


def _draw(digit: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one digit: uint8 (28, 28)."""
    strokes, zoom = pen.write(_forms(digit), HANDS, rng)
    width = PEN * zoom * exp(PENS * normal(rng, 1))
    return _as_mnist(pen.ink(strokes, float(width[0])))


@cache
def _forms(digit: int) -> Forms:
    return Forms.of(numeral_allographs(digit))


def _as_mnist(ink: Image.Image) -> np.ndarray:
    """Process a drawn digit as MNIST did its scans, its brightest pixel 255: uint8 (28, 28)."""
    ink = ink.crop(ink.getbbox())
    sides = [max(1, round(BOX * side / max(ink.size))) for side in ink.size]
    box = np.asarray(ink.resize(sides, Image.Resampling.BICUBIC), np.float32)
    box = np.rint(box * (255 / box.max())).astype(np.uint8)
    top, left = (_start(box.sum(axis, dtype=int)) for axis in (1, 0))
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + len(box), left : left + box.shape[1]] = box
    return image


def _start(ink: np.ndarray) -> int:
    """Where n rows, with so much ink in each (n,), begin for MNIST's place of their centre.

    The centre of mass lies within half a row of row 14, unless rows would then leave the image.
    """
    total = int(ink.sum())
    centre = (2 * int((ink * np.arange(len(ink))).sum()) + total) // (2 * total)
    return min(max(SIDE // 2 - centre, 0), SIDE - len(ink))
