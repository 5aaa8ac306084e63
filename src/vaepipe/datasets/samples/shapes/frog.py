"""Frogs."""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import Part, Rng, ellipse, limb, moved, one_of, smooth
from vaepipe.datasets.samples.shapes.animals import eye

# fmt: off

SKINS = [(85, 140, 55), (110, 95, 60), (60, 95, 50), (150, 170, 60), (140, 110, 75),
         (90, 85, 70), (190, 90, 45), (50, 110, 90)]


class Skin(NamedTuple):
    """The colours of a frog."""

    back: np.ndarray
    belly: np.ndarray
    mark: np.ndarray
    iris: np.ndarray
    spotted: bool
    """Whether its marks are spots, or else stripes."""


def frog(rng: Rng) -> list[Part]:
    """Sitting, seen from the side, from ahead or from above."""
    back = one_of(rng, SKINS)
    belly = one_of(rng, [(225, 220, 180), (200, 205, 140), (215, 200, 170)])
    iris = one_of(rng, [(210, 160, 50), (190, 60, 40), (160, 140, 90)])
    skin = Skin(back, belly, back * rng.uniform(0.4, 0.75), iris, rng.random() < 0.5)
    return (_side, _ahead, _above)[rng.choice(3, p=[0.45, 0.3, 0.25])](rng, skin)


def _spots(rng: Rng, w: float, h: float, mark: np.ndarray) -> list[Part]:
    return [
        Part(ellipse(rng.uniform(-w, w), rng.uniform(-h, h), *rng.uniform(1.5, 3.5, 2)), mark)
        for _ in range(rng.integers(4, 11))
    ]


def _side(rng: Rng, skin: Skin) -> list[Part]:
    high = rng.uniform(14, 19)
    body = smooth((34, -2), (24, -high * 0.8), (8, -high), (-14, -high * 0.7), (-32, 8), (-26, 15),
                  (0, 16), (24, 12))
    low = smooth((34, 0), (14, 5), (-10, 12), (0, 16), (24, 12))
    parts = [
        Part(limb([(14, 6), (22, 14), (19, 24)], [8, 6, 4]), skin.back * 0.65),
        Part(body, skin.back),
        Part(low, skin.belly),
    ]
    if skin.spotted:
        parts += moved(_spots(rng, 20, 6, skin.mark), -6, -4)
    else:
        parts.append(Part(limb([(30, -5), (8, -3), (-18, 4)], [2, 3, 2]), skin.mark))
    thigh = rng.uniform(8, 11)
    parts += [
        Part(ellipse(-18, 12, 17, thigh, rng.uniform(-35, -15)), skin.back * 0.92),
        Part(limb([(-30, 20), (-10, 24), (-18, 26)], [6, 5, 4]), skin.back * 0.8),
        Part(limb([(-26, 26), (0, 26)], [4.5, 3]), skin.back * 0.85),
        Part(limb([(10, 8), (16, 17), (12, 26), (22, 26)], [9, 6, 4, 3]), skin.back * 0.9),
        Part(limb([(34, 1), (26, 4), (16, 2)], [1, 1.6, 1]), skin.mark * 0.6),
    ]
    r = rng.uniform(6, 8.5)
    parts.append(Part(ellipse(20, -high * 0.85, r), skin.back * 1.05))
    return moved(parts + eye(21, -high * 0.85, r * 0.72, skin.iris), angle=rng.uniform(-22, 8))


def _ahead(rng: Rng, skin: Skin) -> list[Part]:
    w, h = rng.uniform(24, 29), rng.uniform(12, 16)
    parts = [Part(ellipse(s * 26, 18, 14, 9, s * 25), skin.back * 0.75) for s in (1, -1)]
    parts += [Part(limb([(s * 30, 28), (s * 42, 30)], [6, 3]), skin.back * 0.7) for s in (1, -1)]
    parts.append(Part(smooth((0, -4), (23, 6), (24, 22), (0, 29), (-24, 22), (-23, 6)),
                      skin.back * 0.9))
    parts.append(Part(ellipse(0, 17, 15, 10), skin.belly))
    for s in (1, -1):
        parts.append(Part(limb([(s * 17, 10), (s * 20, 20), (s * 13, 30)], [8, 7, 5]), skin.back))
        parts.append(Part(limb([(s * 9, 30), (s * 18, 31)], [3, 3]), skin.back))
    parts.append(
        Part(smooth((-w, 0), (-w * 0.6, -h), (0, -h * 0.9), (w * 0.6, -h), (w, 0),
                    (w * 0.5, h * 0.7), (0, h * 0.85), (-w * 0.5, h * 0.7)), skin.back)
    )
    if skin.spotted:
        parts += moved(_spots(rng, w * 0.6, h * 0.4, skin.mark), 0, -4)
    parts.append(Part(smooth((-w * 0.9, 3), (0, h * 0.5), (w * 0.9, 3), (0, h * 0.85)), skin.belly))
    smile = limb([(-w * 0.95, 1), (0, h * 0.45), (w * 0.95, 1)], [1.4, 2.4, 1.4])
    parts.append(Part(smile, skin.mark * 0.5))
    r = rng.uniform(7, 9.5)
    for s in (1, -1):
        parts.append(Part(ellipse(s * w * 0.6, -h, r), skin.back * 1.05))
        parts += eye(s * w * 0.6, -h, r * 0.75, skin.iris)
    return parts


def _above(rng: Rng, skin: Skin) -> list[Part]:
    w = rng.uniform(13, 17)
    parts = []
    spread = rng.uniform(0, 12)
    for s in (1, -1):
        parts += [
            Part(limb([(-18, s * 9), (-2, s * (w + 10 + spread)), (-30, s * (w + 12 + spread))],
                      [11, 9, 6]), skin.back * 0.85),
            Part(limb([(-30, s * (w + 11 + spread)), (-44, s * (w + 16))], [5, 3]),
                 skin.back * 0.8),
            Part(limb([(12, s * 11), (18, s * (w + 8)), (30, s * (w + 6))], [7, 5, 4]),
                 skin.back * 0.88),
        ]
    parts.append(
        Part(smooth((36, 0), (30, 9), (14, w), (-8, w), (-28, 6), (-28, -6), (-8, -w), (14, -w),
                    (30, -9)), skin.back)
    )
    if skin.spotted:
        parts += _spots(rng, 20, w * 0.7, skin.mark)
    else:
        for s in (1, -1):
            parts.append(
                Part(limb([(26, s * 7), (0, s * w * 0.6), (-26, s * 4)], [2, 2.5, 1.5]), skin.mark)
            )
        parts.append(Part(limb([(30, 0), (-24, 0)], [2, 2]), skin.belly * 0.5 + skin.back * 0.5))
    for s in (1, -1):
        parts.append(Part(ellipse(23, s * 10, 5.5), skin.back * 1.1))
        parts += eye(23, s * 11, 3.8, skin.iris)
    return moved(parts, angle=rng.uniform(-160, 20))
