"""Draw handwriting-like characters, the project's own, that stand in for EMNIST.

A character is one of the allographs of the module `glyphs`, written with the module `pen` and then
processed as EMNIST processed its scans (Cohen, Afshar, Tapson & van Schaik, "EMNIST: an
extension of MNIST to handwritten letters", 2017, arXiv:1702.05373, section II-A). The same seed
gives the same bytes on every processor: see the module `exact`.
"""

from functools import cache

import numpy as np
from PIL import Image, ImageFilter

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples import pen
from vaepipe.datasets.samples.exact import exp, normal
from vaepipe.datasets.samples.glyphs import class_allographs
from vaepipe.datasets.samples.pen import Forms, Hands

HEIGHT = 57.0
"""Median height of a capital letter on the scan, in its pixels: sets how soft edges are."""

PEN = 7.6
"""Median width of the pen on the scan, in its pixels: sets how much ink there is."""

HANDS = Hands(width=(0.12, 0.2), slant=(0.2, 0.22), angle=(0, 0.08))
"""Hands lean to the right and write wider than the glyphs: with `HEIGHT`, `PEN` and the spreads
in the module `pen`, size, ink and softness are distributed as in EMNIST."""


def draw_characters(labels: np.ndarray, seed: int, *, offset: int = 0) -> np.ndarray:
    """Draw one upright character for each label: uint8 (n, 28, 28), white (255) on black (0).

    Args:
        labels: classes (n,), indices into `formats.characters.CLASSES`.
        seed: seed of the whole set, not negative.
        offset: index of the first character in the set. Character i of the set depends on seed,
            i and its label only, so that a set may be drawn in parts.
    """
    labels = np.asarray(labels)
    for label in np.unique(labels):
        if not 0 <= label < len(CLASSES):
            raise ValueError(f"label {label} is outside 0..{len(CLASSES) - 1}")
    images = np.zeros((len(labels), 28, 28), np.uint8)
    for i, label in enumerate(labels):
        images[i] = _draw(int(label), np.random.default_rng([seed, offset + i]))
    return images


def _draw(label: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one character: uint8 (28, 28).

    The pen is as wide whatever is written, so small characters are bold and blurred after
    the enlargement. `pixel` is a pixel of the scan in pixels of the canvas.
    """
    strokes, zoom = pen.write(_forms(label), HANDS, rng)
    width, height = np.array([PEN, HEIGHT]) * exp(np.array([0.18, 0.22]) * normal(rng, 2))
    pixel = float(zoom * 100 / height)
    return _as_emnist(pen.ink(strokes, width * pixel), blur=pixel)


@cache
def _forms(label: int) -> Forms:
    return Forms.of(class_allographs(CLASSES[label]))


def _as_emnist(ink: Image.Image, blur: float) -> np.ndarray:
    """Process a drawn character as EMNIST did its scans: uint8 (28, 28).

    Blur, crop to the character, centre in a square that leaves a border of 2 of 28 pixels,
    resize with bi-cubic interpolation and scale to 0..255.
    """
    ink = ink.filter(ImageFilter.GaussianBlur(blur))
    left, top, right, bottom = ink.getbbox()
    half = max(right - left, bottom - top) * 14 / 24
    x, y = (left + right) / 2, (top + bottom) / 2
    square = ink.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    pixels = np.asarray(square.resize((28, 28), Image.Resampling.BICUBIC), np.float32)
    return np.rint(pixels * (255 / pixels.max())).astype(np.uint8)
