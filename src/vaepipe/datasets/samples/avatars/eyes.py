"""Eyes and eyebrows."""

import numpy as np

from vaepipe.datasets.samples.avatars.ink import dark, mixed
from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    colour,
    ellipse,
    limb,
    mirrored,
    moved,
    smooth,
    turned,
)

# fmt: off

WHITE = colour(252, 252, 250)

HEIGHTS = {"almond": 3.3, "round": 4.1, "lashes": 3.7, "sleepy": 3.5}
"""Half the height of an open eye."""

BROWS = {
    "arched": ([(-5, 1.2), (-1.5, -0.6), (2, -1.2), (5.6, 1.4)], [1.6, 2.2, 1.8, 0.6]),
    "straight": ([(-5.2, 0.4), (0, -0.4), (5.6, 0.2)], [2.0, 2.2, 1.2]),
    "thin": ([(-4.8, 0.8), (0, -0.9), (5.2, 1)], [0.9, 1.2, 0.6]),
    "bushy": ([(-5.8, 0.8), (-1, -0.4), (3, -0.6), (6.2, 1.2)], [2.8, 3.8, 3.4, 1.6]),
}
"""Points of the right eyebrow from its inner end, and how thick it is there."""


def eyes(rng: Rng, name: str, gap: float, iris: np.ndarray, skin: np.ndarray) -> list[Part]:
    """Both eyes, so far from the middle, that look the same way."""
    size, slant, look = rng.uniform(0.92, 1.1), rng.uniform(-8, 4), rng.uniform(-0.8, 0.8)
    high = HEIGHTS[name] * rng.uniform(0.92, 1.08)
    right = _eye(name, high, iris, skin, look)
    left = [Part(mirrored(p.outline), p.colour) for p in _eye(name, high, iris, skin, -look)]
    return [*moved(right, gap, 0, size, slant), *moved(left, -gap, 0, size, -slant)]


def _eye(
    name: str, high: float, iris: np.ndarray, skin: np.ndarray, look: float
) -> list[Part]:
    """The right eye, whose inner corner is on the left."""
    lid = mixed(skin, dark(skin), 0.25)
    ball = smooth((-5.4, 0.6), (-3, -high * 0.8), (0.4, -high), (3.8, -high * 0.65), (5.6, -0.2),
                  (3.4, high * 0.7), (0, high * 0.9), (-3.4, high * 0.75))
    line = limb([(-5.4, 0.4), (-3, -high * 0.85), (0.4, -high), (3.8, -high * 0.7), (6, -0.4)],
                [0.6, 1.3, 1.6, 1.6, 0.8])
    radius = min(3.0, high * 0.84)
    parts = [
        Part(ball * 1.06, mixed(skin, dark(skin), 0.55)),
        Part(ball, WHITE),
        Part(ellipse(look, -0.1, radius), dark(iris)),
        Part(ellipse(look, -0.1, radius - 0.5), iris),
        Part(ellipse(look, -0.1, radius * 0.5), BLACK),
        Part(ellipse(look + 0.9, -1.1, 0.75), WHITE),
    ]
    if name == "sleepy":
        cover = smooth((-5.8, 0.2), (-3.2, -high), (0.4, -high - 0.4), (4, -high * 0.8), (6, -0.4),
                       (3, -0.7), (0, -0.9), (-3, -0.5))
        rim = limb([(-5.6, 0.3), (-3, -0.5), (0, -0.9), (3, -0.7), (6, -0.4)],
                   [0.6, 1.2, 1.5, 1.4, 0.8])
        return [*parts, Part(cover, lid), Part(rim, BLACK)]
    if name == "lashes":
        for x, y, angle in ((2.6, -high * 0.9, -62), (4.6, -high * 0.6, -42), (5.8, -0.6, -22)):
            lash = turned(limb([(0, 0), (3, 0)], [1.3, 0.3]), angle) + np.array([x, y])
            parts.append(Part(lash, BLACK))
    return [*parts, Part(line, BLACK)]


def eyebrows(rng: Rng, name: str, gap: float, hair: np.ndarray) -> list[Part]:
    """Both eyebrows above eyes so far from the middle."""
    points, widths = BROWS[name]
    y, angle = -rng.uniform(8.2, 10.6), rng.uniform(-8, 8)
    brow = turned(limb(points, widths), angle) + np.array([gap + 0.3, y])
    tone = mixed(hair, dark(hair), 0.35)
    return [Part(brow, tone), Part(mirrored(brow), tone)]
