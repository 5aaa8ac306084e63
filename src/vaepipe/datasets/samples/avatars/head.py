"""Heads: the face, the ears, the nose."""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.avatars.ink import both, dark, inked, mixed, symmetric
from vaepipe.datasets.samples.outlines import Part, Rng, colour, ellipse, limb, smooth

# fmt: off

WIDTH = 25.0
"""Half the width of the standard head, for which hair is drawn."""

TOP = -32.0
"""Of the skull."""

BLUSH = colour(236, 92, 92)


class Shape(NamedTuple):
    """Half widths of a face from the temples down, and where it ends."""

    temples: float
    cheeks: float
    jaw: float
    chin: float
    end: float


SHAPES = {
    "oval": Shape(25, 23.8, 18, 8.5, 33),
    "round": Shape(27, 26.6, 22, 11.5, 30.5),
    "square": Shape(25.5, 25.2, 23, 15, 32.5),
    "long": Shape(23.5, 22.6, 18, 9.5, 37),
    "heart": Shape(26.5, 23, 14.5, 6, 33),
}


def shape_of(rng: Rng, name: str) -> Shape:
    """A face of this shape, a little broader or longer."""
    broad, long = rng.uniform(0.96, 1.04, 2)
    temples, cheeks, jaw, chin, end = SHAPES[name]
    return Shape(temples * broad, cheeks * broad, jaw * broad, chin * broad, end * long)


def head(rng: Rng, shape: Shape, skin: np.ndarray) -> list[Part]:
    """A head without eyes, mouth and hair."""
    face = smooth(*symmetric(
        (0, TOP), (shape.temples * 0.58, TOP + 3.5), (shape.temples * 0.94, TOP + 15),
        (shape.temples, -3), (shape.cheeks, 10), (shape.jaw, shape.end - 10),
        (shape.chin, shape.end - 2), (0, shape.end),
    ))
    ear = ellipse(shape.temples + 1.5, 3, 4.4, 6, 12)
    hollow = ellipse(shape.temples + 2, 3, 2, 3.6, 12)
    shade, light = mixed(skin, dark(skin), 0.2), np.array([rng.uniform(-0.9, 0.9), -0.9])
    blush = rng.uniform(0.04, 0.2)
    cheek = ellipse(shape.cheeks * 0.64, 11, 4.6, 3)
    return [
        *inked(skin, *both(ear)),
        *(Part(outline, shade) for outline in both(hollow)),
        *inked(shade, face),
        Part(face * 0.96 + light, skin),
        *(Part(outline, mixed(skin, BLUSH, blush)) for outline in both(cheek)),
    ]


def nose(rng: Rng, skin: np.ndarray) -> list[Part]:
    """A line under its tip, one wing or two."""
    broad, y, line = rng.uniform(2.4, 4.2), rng.uniform(8.5, 10.5), mixed(skin, dark(skin), 0.75)
    tip = limb([(-broad, y - 1.6), (-broad * 0.5, y + 0.6), (0, y + 0.9), (broad * 0.5, y + 0.6),
                (broad, y - 1.6)], [0.6, 1.1, 1.2, 1.1, 0.6])
    shine = ellipse(-0.4, y - 2.4, 1.2, 1.6)
    return [Part(tip, line), Part(shine, mixed(skin, colour(255, 255, 255), 0.35))]
