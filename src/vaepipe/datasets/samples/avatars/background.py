"""What an avatar stands before."""

import numpy as np

from vaepipe.datasets.samples.outlines import Part, Rng, box, ellipse, polar, polygon

SOFT = [
    (250, 214, 165),
    (190, 224, 240),
    (200, 230, 200),
    (244, 200, 210),
    (216, 204, 240),
    (250, 236, 170),
    (180, 222, 214),
    (236, 160, 120),
    (120, 150, 210),
]


def background(rng: Rng, name: str, side: float) -> list[Part]:
    """A background of this name, that covers a square with this half side around the origin."""
    here, there = (np.array(SOFT[i], float) for i in rng.choice(len(SOFT), 2, replace=False))
    ground = [Part(box(-side, -side, side, side), here)]
    if name == "white":
        return [Part(ground[0].outline, np.full(3, 255.0))]
    if name == "gradient":
        rows = np.linspace(-side, side, 65)
        return [
            Part(box(-side, row, side, side), here + (there - here) * i / 63)
            for i, row in enumerate(rows[:-1])
        ]
    if name == "rays":
        turn = rng.uniform(0, 30)
        return ground + [
            Part(polygon((0, 0), tuple(polar(a, side * 2)), tuple(polar(a + 15, side * 2))), there)
            for a in np.arange(turn, turn + 360, 30)
        ]
    if name == "stripes":
        step = rng.uniform(8, 16)
        return ground + [
            Part(box(-side, -side, side, side) * (step / 4 / side, 1) + (x, 0), there)
            for x in np.arange(-side, side + step, step)
        ]
    if name == "dots":
        step = rng.uniform(12, 18)
        rows = np.arange(-side, side + step, step)
        return ground + [
            Part(ellipse(x + (i % 2) * step / 2, y, step * 0.22), there)
            for i, y in enumerate(rows)
            for x in rows
        ]
    return ground
