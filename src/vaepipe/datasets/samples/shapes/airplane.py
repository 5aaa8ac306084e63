"""Jets and propeller planes."""

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    box,
    colour,
    ellipse,
    limb,
    moved,
    one_of,
    paint,
    polygon,
    smooth,
)

# fmt: off

HULLS = [(235, 235, 235), (200, 205, 210), (150, 155, 165), (90, 95, 90)]


def airplane(rng: Rng) -> list[Part]:
    """In flight: from the side, or from above or below."""
    body = paint(rng) if rng.random() < 0.2 else one_of(rng, HULLS)
    if rng.random() < 0.5:
        return moved(_side(rng, body, gear=False), angle=rng.uniform(-25, 10))
    parts = _plan(rng, body, paint(rng))
    squeeze = rng.uniform(0.45, 1.0)
    parts = [Part(p.outline * (1, squeeze), p.colour) for p in parts]
    return moved(parts, angle=rng.uniform(-60, 30))


def parked(rng: Rng) -> list[Part]:
    return _side(rng, paint(rng) if rng.random() < 0.3 else one_of(rng, HULLS), gear=True)


def _side(rng: Rng, body: np.ndarray, gear: bool) -> list[Part]:
    trim = paint(rng)
    r = rng.uniform(5, 9)
    fin = rng.uniform(12, 20)
    sweep = rng.uniform(4, 16)
    nose = rng.uniform(0.2, 0.6)
    propeller = rng.random() < 0.35
    root, chord = rng.uniform(-6, 8), rng.uniform(14, 22)
    fall = rng.uniform(10, 26) * (-1 if propeller and rng.random() < 0.4 else 1)
    back = rng.uniform(2, 6) if propeller else rng.uniform(12, 28)
    low = r * rng.uniform(0, 0.6)
    far = polygon((root + 2, -2), (root + chord, -2), (root + 6 - back / 2, -fall * 0.8 - 3))
    parts = [
        Part(far, body * 0.7),
        Part(
            polygon((-46, -r * 0.5), (-30, -r * 0.7), (-41 - sweep / 2, -r - fin),
                    (-49 - sweep / 2, -r - fin)),
            trim,
        ),
        Part(
            smooth((50, r * nose), (40, -r * 0.7), (25, -r), (-15, -r), (-50, -r * 0.7),
                   (-50, -r * 0.2), (-25, r * 0.8), (15, r), (40, r * 0.9)),
            body,
        ),
        Part(polygon((37, -r * 0.75), (45, -r * 0.35), (38, -r * 0.2)), BLACK + 30),
        Part(polygon((-44, -r * 0.2), (-33, 0), (-46 - sweep / 2, 4), (-52 - sweep / 2, 3)),
             body * 0.85),
    ]
    if rng.random() < 0.6:
        parts.append(Part(polygon((47, 0), (-48, -2), (-46, 1), (40, 0.35 * r)), trim))
    if rng.random() < 0.7:
        step = rng.uniform(4, 8)
        for x in np.arange(-30, 34, step):
            parts.append(Part(box(x, -r * 0.55, x + step * 0.55, -r * 0.1), colour(50, 60, 80)))
    near = polygon(
        (root, low), (root + chord, low), (root + 4 - back, low + fall),
        (root - 2 - back, low + fall + 1),
    )
    parts.append(Part(near, body * rng.uniform(0.7, 0.95)))
    if propeller:
        parts.append(Part(ellipse(51, r * nose, 1.4, r * 1.6), BLACK + 60))
    else:
        for x in rng.permutation([root + 1, root - back * 0.45])[: rng.integers(1, 3)]:
            y = low + fall * (0.15 if x > root else 0.55) + 3
            parts.append(Part(ellipse(x + 5, y, 7, 2.8), trim * 0.6 + body * 0.25))
            parts.append(Part(ellipse(x + 11, y, 1.5, 2.4), BLACK))
    if gear:
        for x in (36, root - 2):
            parts.append(Part(limb([(x, r * 0.7), (x, r + 6)], [1.4, 1.4]), BLACK + 50))
            parts.append(Part(ellipse(x, r + 7, 2.6), BLACK))
    return parts


def _plan(rng: Rng, body: np.ndarray, trim: np.ndarray) -> list[Part]:
    r = rng.uniform(3.5, 6.5)
    span = rng.uniform(32, 50)
    chord = rng.uniform(9, 17)
    sweep = rng.choice([0.0, 10.0, 22.0, 34.0]) + rng.uniform(0, 5)
    tip = rng.uniform(0.25, 0.8) * chord if sweep < 32 else 4
    root = rng.uniform(4, 12)
    wing = polygon(
        (root + chord / 2, 0), (root - sweep + tip / 2, span), (root - sweep - tip / 2, span),
        (root - chord / 2 - (12 if sweep > 32 else 0), 0),
    )
    tail = polygon(
        (-38, 0), (-44 - sweep / 3, span * 0.36), (-50 - sweep / 3, span * 0.36), (-50, 0)
    )
    upper = body * rng.uniform(0.75, 0.95)
    parts = [Part(o * (1, side), upper) for o in (wing, tail) for side in (1, -1)]
    if sweep > 32 or rng.random() < 0.2:
        parts.append(Part(ellipse(-40, 0, 12, r), body * 0.8))
    else:
        count = rng.integers(0, 3)
        for k in range(count):
            y = span * (0.3 + 0.28 * k)
            x = root - sweep * y / span + chord * 0.4
            for side in (1, -1):
                parts.append(Part(ellipse(x, y * side, 6, 2.2), trim * 0.5 + body * 0.3))
    if rng.random() < 0.4:
        y = span * rng.uniform(0.8, 0.92)
        for side in (1, -1):
            x = root - sweep * y / span
            parts.append(Part(ellipse(x, y * side, tip * 0.6, span - y), trim))
    parts.append(
        Part(smooth((52, 0), (42, r), (0, r), (-35, r * 0.7), (-54, 0), (-35, -r * 0.7), (0, -r),
                    (42, -r)), body)
    )
    parts.append(Part(limb([(-34, 0), (-54, 0)], [1, 2]), trim))
    parts.append(Part(ellipse(40, 0, 4, r * 0.55), BLACK + 30))
    return parts
