"""Filled outlines in the plane, of which `shapes` and `scenes` are made.

Coordinates are (x, y) with y downwards, angles are in degrees, clockwise from the right. Only
sums, products, quotients and roots of single numbers decide where a point lies: see `exact`.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.exact import cos, sin

Point = tuple[float, float]
Rng = np.random.Generator

BLACK = np.array([24.0, 24.0, 28.0])

FINE = 2
"""Steps of the table of angles in a degree."""

CIRCLE = np.stack([f(np.radians(np.arange(360 * FINE) / FINE)) for f in (cos, sin)], axis=1)
"""Points of the unit circle (720, 2)."""

ROUND = CIRCLE[:: 20 * FINE]
"""The polygon (18, 2) that is drawn for a circle."""

STEPS = np.arange(5)[:, None, None] / 5
"""Places (5, 1, 1) on the piece of a smooth curve between two of its points, 0..1."""


class Part(NamedTuple):
    """A filled polygon."""

    outline: np.ndarray
    """Its corners (n, 2)."""
    colour: np.ndarray
    """Red, green, blue (3,), 0..255 or beyond, where the picture clips them."""


def polar(angle: float, length: float = 1.0) -> np.ndarray:
    """The vector (2,) of this angle and length."""
    return CIRCLE[round(angle * FINE) % len(CIRCLE)] * length


def turned(outline: np.ndarray, angle: float, centre: Point = (0, 0)) -> np.ndarray:
    """An outline (n, 2), turned about a centre."""
    c, s = polar(angle)
    x, y = (outline - centre).T
    return np.stack([c * x - s * y, s * x + c * y], axis=1) + centre


def ellipse(x: float, y: float, a: float, b: float | None = None, angle: float = 0) -> np.ndarray:
    """An ellipse around (x, y) with half axes a and b, a circle without b: (18, 2)."""
    return turned(ROUND * (a, a if b is None else b), angle) + np.array([x, y])


def box(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def polygon(*points: Point) -> np.ndarray:
    return np.array(points, float)


def smooth(*points: Point) -> np.ndarray:
    """The closed curve through k points, by cubics (Catmull & Rom, 1974): (5 k, 2)."""
    b = np.array(points, float)
    a, c, d = np.roll(b, 1, axis=0), np.roll(b, -1, axis=0), np.roll(b, -2, axis=0)
    return _cubic(a, b, c, d).swapaxes(0, 1).reshape(-1, 2)


def limb(points: Sequence[Point], widths: Sequence[float]) -> np.ndarray:
    """The outline of a smooth stroke through k points, as wide as stated at each of them."""
    p = np.column_stack([np.array(points, float), np.array(widths, float) / 2])
    ends = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    line = _cubic(ends[:-3], ends[1:-2], ends[2:-1], ends[3:]).swapaxes(0, 1).reshape(-1, 3)
    line = np.concatenate([line, p[-1:]])
    middle, radius = line[:, :2], np.maximum(line[:, 2:], 0)
    along = np.gradient(middle, axis=0)
    along /= np.sqrt(along[:, :1] ** 2 + along[:, 1:] ** 2) + 1e-9
    aside = along[:, ::-1] * (-1, 1) * radius
    first, last = middle[:1] - along[:1] * radius[:1], middle[-1:] + along[-1:] * radius[-1:]
    return np.concatenate([first, middle + aside, last, (middle - aside)[::-1]])


def mirrored(outline: np.ndarray, x: float = 0) -> np.ndarray:
    """An outline, reflected at the vertical line at x."""
    return outline * (-1, 1) + (2 * x, 0)


def moved(
    parts: Iterable[Part], x: float = 0, y: float = 0, size: float = 1, angle: float = 0
) -> list[Part]:
    """Parts, scaled and turned about the origin and then moved by (x, y)."""
    shift = np.array([x, y])
    return [Part(turned(p.outline * size, angle) + shift, p.colour) for p in parts]


def colour(red: float, green: float, blue: float) -> np.ndarray:
    return np.array([red, green, blue], float)


def paint(rng: Rng) -> np.ndarray:
    """A colour of cars, hulls and houses: white to black in one case of two, else of any hue."""
    value = rng.uniform(60, 245)
    if rng.random() < 0.45:
        return np.full(3, value if rng.random() < 0.7 else value / 3) + rng.uniform(-8, 8, 3)
    hue = rng.uniform(0, 6)
    pure = np.clip(np.abs((hue + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)
    return value * (1 - rng.uniform(0.35, 0.85) * (1 - pure))


def one_of(rng: Rng, colours: Sequence[Sequence[float]], spread: float = 12) -> np.ndarray:
    """One of these colours, more or less: (3,)."""
    chosen = np.array(colours[rng.integers(len(colours))], float)
    return chosen * rng.uniform(0.8, 1.15) + rng.uniform(-spread, spread, 3)


def _cubic(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> np.ndarray:
    """Points (5, n, m) from b to c on the curve through a, b, c, d, each (n, m)."""
    t = STEPS
    return b + t / 2 * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
