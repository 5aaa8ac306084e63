"""What cars and trucks have in common."""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import BLACK, Part, Point, colour, ellipse

# fmt: off

LAMP = colour(250, 240, 190)

GLASSES = [(40, 50, 60), (90, 110, 125), (25, 28, 32), (150, 175, 190)]


class Corner(NamedTuple):
    """How a vehicle is seen from ahead and aside: its front end is at x = `near`, z = 0.

    Both its side, to the rear, and its front, across, recede from there.
    """

    near: float
    length: float
    width: float
    turn: float
    """By how much its length is shortened, 0..1."""

    def seen(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Points on the picture (n, 2) of points x to the front, y downwards, z across."""
        back = (self.near - x) / self.length
        far = 1 - 0.22 * back - 0.08 * z / self.width
        across = z * (1.15 - self.turn)
        return np.stack(
            [(x - self.near) * self.turn + across, y * far - 8 * back - 0.12 * z], axis=1
        )

    def side(self, part: Part) -> Part:
        x, y = part.outline.T
        return Part(self.seen(x, y, 0 * x), part.colour * 0.9)

    def front(self, part: Part) -> Part:
        """A part that was drawn from ahead, from 0 to `width`."""
        z, y = part.outline.T
        return Part(self.seen(0 * z + self.near, y, z), part.colour)

    def strip(self, start: Point, end: Point, colour: np.ndarray, inset: float = 0) -> Part:
        """The surface that this edge of the side sweeps across."""
        (a, b), (c, d), w = start, end, self.width
        z = np.array([inset, w - inset, w - inset, inset])
        return Part(self.seen(np.array([a, a, c, c]), np.array([b, b, d, d]), z), colour)


def wheel(x: float, y: float, r: float, rim: np.ndarray) -> list[Part]:
    return [
        Part(ellipse(x, y, r), BLACK),
        Part(ellipse(x, y, r * 0.58), rim),
        Part(ellipse(x, y, r * 0.2), rim * 0.5),
    ]
