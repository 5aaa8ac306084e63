"""Glasses, through which eyes are seen, and sunglasses, which hide them."""

import numpy as np

from vaepipe.datasets.samples.avatars.ink import both, mixed
from vaepipe.datasets.samples.outlines import (
    Part,
    Rng,
    colour,
    ellipse,
    limb,
    polygon,
    smooth,
)

# fmt: off

LENSES = {
    "round": ellipse(0, 0, 8.4, 8.2),
    "square": smooth((-8, -5.6), (0, -6.4), (8, -5.6), (8.6, 0), (7, 6), (0, 6.8), (-7, 6),
                     (-8.4, 0)),
    "cat_eye": smooth((-7.6, -4), (0, -5.6), (6, -6.6), (10.8, -9.2), (9.4, -1), (6, 5),
                      (-1, 6.2), (-6.8, 3.4)),
    "heart": smooth((0, -4.6), (3.4, -8), (8, -6.6), (8.8, -1.6), (5, 4.4), (0, 8.6),
                    (-5, 4.4), (-8.8, -1.6), (-8, -6.6), (-3.4, -8)),
}
"""Outlines of the right lens around its middle."""

DARKS = [colour(30, 30, 36), colour(46, 32, 26), colour(24, 34, 58)]
"""Of lenses that hide the eyes."""


def glasses(
    rng: Rng, kind: str, shape: str, gap: float, temples: float, frame: np.ndarray
) -> list[Part]:
    """Glasses or sunglasses before eyes so far from the middle of a face so broad."""
    size, pen = rng.uniform(0.95, 1.08), rng.uniform(1.2, 1.9)
    shift = np.array([gap, 0])
    lens = LENSES[shape] * size + np.array([0.2, 0.6])
    rims, lenses = both(lens * (1 + pen / 7) + shift), both(lens + shift)
    arm = limb([(gap + 8 * size, -2.2), (temples + 0.5, -1.2)], [pen * 1.2, pen])
    bridge = limb([(-gap + 7.4 * size, -0.6), (0, -2), (gap - 7.4 * size, -0.6)], [pen] * 3)
    parts = [Part(outline, frame) for outline in (*both(arm), bridge)]
    if kind == "glasses":
        return parts + [Part(_ring(*pair), frame) for pair in zip(rims, lenses, strict=True)]
    tone = DARKS[rng.integers(len(DARKS))]
    glint = polygon((-4.6, 1.8), (0.6, -4), (2.4, -4), (-2.8, 1.8)) * size
    shine = mixed(tone, colour(255, 255, 255), 0.3)
    return [
        *parts,
        *(Part(outline, frame) for outline in rims),
        *(Part(outline, tone) for outline in lenses),
        *(Part(glint + place, shine) for place in (shift, -shift)),
    ]


def _ring(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The outline of what lies between two closed outlines."""
    return np.concatenate([outer, outer[:1], inner[:1], inner[::-1]])
