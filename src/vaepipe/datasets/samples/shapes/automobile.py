"""Cars."""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    box,
    colour,
    ellipse,
    one_of,
    paint,
    polygon,
    smooth,
)
from vaepipe.datasets.samples.shapes.vehicles import GLASSES, LAMP, Corner, wheel

# fmt: off

REAR = colour(190, 30, 30)


class Car(NamedTuple):
    """The outline of a car of length 100, its foot at y = 0."""

    high: float
    """Height of the doors' upper edge."""
    roof: float
    bonnet: float
    tail: float
    """Length behind the cabin."""
    rake: float
    """Of the windscreen: by how much its top is behind its foot."""
    fall: float
    """Of the rear window."""
    wheel: float
    """Radius."""
    nose: float
    """Height relative to `high`."""


def automobile(rng: Rng) -> list[Part]:
    """From the side, from ahead or behind, or between."""
    body = paint(rng)
    glass = one_of(rng, GLASSES)
    view = rng.choice(3, p=[0.4, 0.2, 0.4])
    if view == 1:
        return _front(rng, body, glass)
    car = Car(
        high=rng.uniform(15, 22), roof=rng.uniform(27, 37), bonnet=rng.uniform(14, 26),
        tail=rng.choice([2.0, 12.0, 20.0]) + rng.uniform(0, 4), rake=rng.uniform(6, 16),
        fall=rng.uniform(2, 14), wheel=rng.uniform(7.5, 10), nose=rng.uniform(0.72, 0.95),
    )
    side = _side(rng, car, body, glass)
    return _corner(rng, car, side, body, glass) if view == 2 else side


def _side(rng: Rng, car: Car, body: np.ndarray, glass: np.ndarray) -> list[Part]:
    high, roof, r = car.high, car.roof, car.wheel
    rake, fall = car.rake, car.fall
    clear = r * 0.75
    front, rear = 50 - rng.uniform(14, 19), -50 + rng.uniform(14, 20)
    nose = high * car.nose
    rim = np.full(3, rng.uniform(90, 220))
    right, left = 50 - car.bonnet, -50 + car.tail
    cabin = [(right, -high), (right - rake, -roof), (left + fall, -roof), (left, -high)]
    pillar = rng.uniform(0.4, 0.6) * (right - left) + left
    top, foot = -roof + 2.2, -high + 0.5
    parts = [
        Part(polygon(*cabin), body * 0.97),
        Part(polygon((right - 3, foot), (right - rake - 0.5, top), (pillar + 1, top),
                     (pillar + 1, foot)), glass),
        Part(polygon((pillar - 1, foot), (pillar - 1, top), (left + fall + 1.5, top),
                     (left + 3, foot)), glass),
    ]
    parts.append(
        Part(
            smooth((50, -clear), (50.5, -nose + 4), (44, -nose), (right, -high), (0, -high - 0.5),
                   (left, -high), (-45, -high + 0.5), (-50, -high + 5), (-50, -clear),
                   (-25, -clear + 1), (25, -clear + 1)),
            body,
        )
    )
    parts.append(Part(box(-49, -clear - 2.5, 49, -clear + 0.5), body * 0.5))
    if rng.random() < 0.5:
        parts.append(Part(box(-48, -high + 3, 47, -high + 4), body * 0.7))
    parts.append(Part(ellipse(47, -nose + 4, 3, 1.8), LAMP))
    parts.append(Part(ellipse(-48, -high + 5, 2, 2.5), REAR))
    for x in (front, rear):
        parts.append(Part(ellipse(x, -r, r * 1.1), BLACK * 0.8))
        parts += wheel(x, -r, r, rim)
    return parts


def _corner(
    rng: Rng, car: Car, side: list[Part], body: np.ndarray, glass: np.ndarray
) -> list[Part]:
    w = rng.uniform(38, 44)
    corner = Corner(50, 100, w, rng.uniform(0.5, 0.8))
    nose, foot = -car.high * car.nose, -car.wheel * 0.7
    screen, top = (50 - car.bonnet, -car.high), (50 - car.bonnet - car.rake, -car.roof)
    tire = box(w - 9, -car.wheel * 1.3, w - 1, 0)
    panel = [
        Part(box(0, nose, w, foot), body * 0.95),
        Part(box(w * 0.3, nose * 0.85, w * 0.7, nose * 0.85 + 4), BLACK + 25),
        Part(box(0, foot - 2.5, w, foot), body * 0.5),
        *(Part(ellipse(z, nose * 0.8, 4.5, 2.6), LAMP) for z in (6, w - 6)),
        Part(box(w * 0.4, foot - 5, w * 0.6, foot - 2), colour(225, 225, 215)),
    ]
    return [
        corner.front(Part(tire, BLACK)),
        corner.strip(top, (-50 + car.tail + car.fall, -car.roof), body * 1.12),
        corner.strip(screen, top, body * 0.9),
        corner.strip(screen, (top[0], top[1] + 2), glass, inset=3),
        corner.strip((49, nose), screen, body * 1.12),
        *(corner.side(p) for p in side),
        *(corner.front(p) for p in panel),
    ]


def _front(rng: Rng, body: np.ndarray, glass: np.ndarray) -> list[Part]:
    w = rng.uniform(26, 32)
    high = rng.uniform(21, 28)
    roof = high + rng.uniform(13, 19)
    top = w * rng.uniform(0.62, 0.8)
    behind = rng.random() < 0.35
    lamp = REAR if behind else LAMP
    parts = [Part(box(side * w - side * 9, -10, side * w - side, 0), BLACK) for side in (1, -1)]
    parts += [
        Part(smooth((-w + 2, -high), (-top, -roof + 1), (0, -roof - 1), (top, -roof + 1),
                    (w - 2, -high)), body * 0.95),
        Part(polygon((-w + 6, -high), (-top + 3, -roof + 3), (top - 3, -roof + 3), (w - 6, -high)),
             glass),
        Part(smooth((-w, -6), (-w, -high + 6), (-w + 4, -high), (0, -high - 1), (w - 4, -high),
                    (w, -high + 6), (w, -6), (0, -4)), body),
        Part(box(-w + 1, -8, w - 1, -4), body * 0.5),
        Part(box(-6, -9, 6, -6), colour(225, 225, 215)),
    ]
    if not behind:
        half = w * rng.uniform(0.3, 0.6)
        parts.append(Part(box(-half, -high * 0.62, half, -high * 0.62 + 5), BLACK + 25))
    size = rng.uniform(3, 5)
    for side in (1, -1):
        parts.append(Part(ellipse(side * (w - 6), -high * 0.62 + 2, size * 1.2, size * 0.8), lamp))
        parts.append(Part(ellipse(side * (w + 1), -high - 2, 3, 2), body * 0.7))
    return parts
