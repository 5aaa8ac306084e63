"""Shapes with a dark line around them, as cartoons have it."""

import numpy as np

from vaepipe.datasets.samples.outlines import Part, mirrored

PEN = 0.9
"""Width of the line around a shape, in pixels of the picture."""


def inked(colour: np.ndarray, *outlines: np.ndarray, pen: float = PEN) -> list[Part]:
    """The union of closed outlines, each (n, 2), in a colour, with a line in a darker one."""
    line = dark(colour)
    around = [Part(_grown(outline, pen), line) for outline in outlines]
    return around + [Part(outline, colour) for outline in outlines]


def dark(colour: np.ndarray) -> np.ndarray:
    """The colour of the line around a shape of this colour."""
    return colour * 0.36


def mixed(colour: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """A colour with so much of another in it, 0..1."""
    return colour + (other - colour) * share


def both(outline: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An outline on the right and its mirror image on the left."""
    return outline, mirrored(outline)


def symmetric(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Points of the right half, from the top down, and those of the left half, back up.

    A point on the axis stands once.
    """
    return [*points, *((-x, y) for x, y in reversed(points) if x)]


def _grown(outline: np.ndarray, by: float) -> np.ndarray:
    """A closed outline (n, 2), moved outwards."""
    along = np.roll(outline, -1, axis=0) - np.roll(outline, 1, axis=0)
    along /= np.sqrt(along[:, :1] ** 2 + along[:, 1:] ** 2) + 1e-9
    x, y = outline.T
    clockwise = (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0
    return outline + along[:, ::-1] * (1, -1) * (by if clockwise else -by)
