"""Trucks."""

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    box,
    ellipse,
    one_of,
    paint,
    polygon,
    smooth,
)
from vaepipe.datasets.samples.shapes.vehicles import GLASSES, LAMP, Corner, wheel

# fmt: off

FLOOR = -10.0
"""Height of a truck's floor."""


def truck(rng: Rng) -> list[Part]:
    """From the side, from ahead, or between."""
    body, load = paint(rng), paint(rng)
    if rng.random() < 0.3:
        load = body * rng.uniform(0.8, 1.1)
    glass = one_of(rng, GLASSES)
    view = rng.choice(3, p=[0.45, 0.15, 0.4])
    high = rng.uniform(32, 44)
    cab = high * rng.uniform(0.75, 1.0)
    if view == 1:
        return _front(rng, body, load, glass, high, cab)
    length = rng.uniform(70, 110)
    nose = rng.uniform(9, 15) if view == 0 and rng.random() < 0.4 else 0
    cabin = rng.uniform(15, 21)
    start = length / 2 - nose - cabin
    kind = rng.choice(4, p=[0.5, 0.17, 0.18, 0.15])
    cargo = _load(rng, kind, load, -length / 2, start - rng.uniform(1, 4), high)
    side = cargo + _side(rng, body, glass, length, start, nose, cab)
    if view == 0:
        return side
    w = rng.uniform(32, 40)
    corner = Corner(length / 2, length, w, rng.uniform(0.45, 0.7))
    behind = []
    if kind == 0:
        back, end = (start - 3, -high), (-length / 2, -high)
        behind = [corner.strip(back, end, load * 1.1), corner.strip(back, (start - 3, -12), load)]
    panel = [
        Part(box(0, -cab, w, -7), body * 0.95),
        Part(box(2, -cab + 4, w - 2, -cab * 0.55), glass),
        Part(box(w * 0.2, -cab * 0.45, w * 0.8, -12), BLACK + rng.uniform(10, 90)),
        Part(box(0, -9, w, -5), body * 0.4 + 40),
        *(Part(ellipse(z, -12, 3.4, 2.2), LAMP) for z in (4, w - 4)),
    ]
    return [
        *behind,
        corner.front(Part(box(w - 8, -8, w - 1, 0), BLACK)),
        corner.strip((length / 2, -cab), (start, -cab), body * 1.12),
        *(corner.side(p) for p in side),
        *(corner.front(p) for p in panel),
    ]


def _side(
    rng: Rng,
    body: np.ndarray,
    glass: np.ndarray,
    length: float,
    start: float,
    nose: float,
    cab: float,
) -> list[Part]:
    """A truck without its load: its cab, whose roof is at -cab, from `start` to a bonnet `nose`."""
    right, r = length / 2, rng.uniform(6, 8)
    front, lean = right - nose, rng.uniform(0, 5) if nose else 0
    parts = [Part(box(-right, FLOOR, right - 2, FLOOR + 4), BLACK + 25)]
    parts.append(
        Part(polygon((start, FLOOR + 4), (start, -cab), (front - lean, -cab),
                     (front, -cab * 0.6), (front, FLOOR + 4)), body)
    )
    if nose:
        parts.append(
            Part(
                smooth(
                    (start + 8, FLOOR + 4),
                    (start + 8, -cab * 0.6),
                    (right - 3, -cab * 0.52),
                    (right, FLOOR + 2),
                ),
                body * 0.95,
            )
        )
    parts.append(
        Part(polygon((start + 4, -cab * 0.6), (start + 4, -cab + 3), (front - lean - 2, -cab + 3),
                     (front - 2, -cab * 0.6)), glass)
    )
    parts.append(Part(ellipse(right - 1, FLOOR - 1, 1.6, 2.4), LAMP))
    axles = [right - rng.uniform(8, 12), -right + rng.uniform(7, 14)]
    axles += [axles[1] + 2.3 * r] * (rng.random() < 0.6)
    axles += [start - r - rng.uniform(0, 4)] * (length > 90)
    rim = np.full(3, rng.uniform(70, 200))
    for x in axles:
        parts += wheel(x, -r, r, rim)
    return parts


def _load(
    rng: Rng, kind: int, load: np.ndarray, left: float, right: float, high: float
) -> list[Part]:
    """A box, a tank, a tipper with its load, or an open bed, from left to right."""
    floor = FLOOR
    if kind == 1:
        r = (high + floor) * 0.45
        middle = floor - r
        tank = smooth((left, middle), (left + 3, floor), (right - 3, floor), (right, middle),
                      (right - 3, middle - r), (left + 3, middle - r))
        shine = box(left + 4, middle - r * 0.6, right - 4, middle - r * 0.3)
        return [Part(tank, load), Part(shine, load * 0.4 + 150)]
    if kind == 2:
        top = floor - (high + floor) * rng.uniform(0.5, 0.75)
        heap = one_of(rng, [(120, 95, 70), (110, 110, 110), (170, 150, 110), (80, 60, 45)])
        middle = (left + right) / 2
        mound = smooth(
            (left + 2, top + 2), (middle, top - rng.uniform(3, 10)), (right - 2, top + 2)
        )
        bed = polygon((left - 2, top), (right, top), (right - 3, floor), (left + 4, floor))
        ribs = [
            Part(box(x, top, x + 1.5, floor), load * 0.7) for x in np.arange(left + 7, right, 9)
        ]
        return [Part(mound, heap), Part(bed, load), *ribs]
    if kind == 3:
        top = floor - rng.uniform(5, 9)
        parts = [Part(box(left, top, right, floor), load)]
        x = left + rng.uniform(1, 6)
        while x < right - 9 and rng.random() < 0.85:
            width = rng.uniform(8, 16)
            parts.insert(
                0,
                Part(
                    box(x, top - rng.uniform(4, 14), min(x + width, right), top + 1),
                    one_of(rng, [(150, 110, 70), (130, 130, 120), (90, 90, 60)]),
                ),
            )
            x += width + rng.uniform(0, 4)
        return parts
    parts = [Part(box(left, -high, right, floor), load)]
    parts.append(Part(box(left, -high, right, -high + 1.5), load * 0.6 + 60))
    style = rng.random()
    if style < 0.4:
        for x in np.arange(left + 4, right, rng.uniform(4, 9)):
            parts.append(Part(box(x, -high + 2, x + 1.2, floor - 1), load * 0.82))
    elif style < 0.75:
        middle = floor - (high + floor) / 2 + rng.uniform(-4, 4)
        band = rng.uniform(2, 7)
        parts.append(Part(box(left + 6, middle - band, right - 6, middle + band), paint(rng)))
    return parts


def _front(
    rng: Rng, body: np.ndarray, load: np.ndarray, glass: np.ndarray, high: float, cab: float
) -> list[Part]:
    w = rng.uniform(17, 21)
    screen = cab * rng.uniform(0.5, 0.58)
    parts = [Part(box(side * w - side * 7, -9, side * (w - 1), 0), BLACK) for side in (1, -1)]
    if rng.random() < 0.7:
        parts.append(Part(box(-w - 1, -high - 3, w + 1, -12), load))
    parts += [
        Part(polygon((-w, -5), (-w, -cab * 0.7), (-w + 1.5, -cab), (w - 1.5, -cab),
                     (w, -cab * 0.7), (w, -5)), body),
        Part(polygon((-w + 2, -screen), (-w + 3, -cab + 4), (w - 3, -cab + 4), (w - 2, -screen)),
             glass),
        Part(box(-w * 0.6, -screen + 4, w * 0.6, -11), BLACK + rng.uniform(10, 120)),
        Part(box(-w, -9, w, -4), body * 0.4 + 40),
    ]
    for side in (1, -1):
        parts.append(Part(ellipse(side * (w - 4), -11, 2.8, 2.2), LAMP))
        parts.append(Part(box(side * (w + 1), -cab + 5, side * (w + 4), -screen - 1), BLACK))
    return parts
