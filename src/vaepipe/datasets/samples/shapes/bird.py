"""Birds."""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    ellipse,
    limb,
    moved,
    one_of,
    polar,
    polygon,
    smooth,
    turned,
)
from vaepipe.datasets.samples.shapes.animals import eye

# fmt: off

PLUMAGES = [
    (60, 50, 45), (140, 105, 75), (235, 232, 225), (60, 100, 170), (190, 60, 45), (215, 180, 60),
    (110, 115, 120), (95, 120, 70), (30, 32, 38),
]


class Shape(NamedTuple):
    """The proportions of a bird that does not fly, as ranges."""

    lean: tuple[float, float]
    """Angle of its trunk."""
    legs: tuple[float, float]
    neck: tuple[float, float]
    rise: float
    """Angle of the neck above the trunk."""
    thick: float
    """Width of the neck relative to the radius of the head."""
    skull: tuple[float, float]
    """Radius of the head."""
    bill: tuple[float, float]
    tail: tuple[float, float]


SMALL = Shape((-55, -12), (6, 12), (13, 17), 45, 1.8, (8, 11), (5, 10), (10, 26))

TALL = Shape((-25, 5), (22, 40), (26, 42), 78, 1.0, (5.5, 7.5), (10, 24), (6, 16))

DUCK = Shape((-8, 5), (0, 0), (18, 34), 80, 1.1, (6, 8), (7, 12), (5, 9))


def perched(rng: Rng) -> list[Part]:
    """A small bird on a branch or a wire."""
    parts = _bird(rng, SMALL)
    low = max(p.outline[:, 1].max() for p in parts)
    bark = one_of(rng, [(95, 75, 55), (60, 50, 45), (130, 115, 100)])
    w = rng.uniform(1, 7)
    rise = rng.uniform(-9, 9)
    branch = [(-60, low + rise), (0, low + rng.uniform(-1, 2)), (55, low - rise)]
    return [*parts, Part(limb(branch, [w * 1.3, w, w * 0.8]), bark)]


def standing(rng: Rng) -> list[Part]:
    return _bird(rng, SMALL if rng.random() < 0.5 else TALL)


def swimming(rng: Rng) -> list[Part]:
    return _bird(rng, DUCK)


def flying(rng: Rng) -> list[Part]:
    """Its wings up, down, or spread as seen from below."""
    back, front, wing, beak = _plumage(rng)
    body = smooth((24, -2), (10, -6), (-16, -4), (-28, 0), (-14, 4), (8, 6.5), (20, 4))
    rump = polygon(
        (-22, -2), (-38, -rng.uniform(2, 8)), (-36, 0), (-38, rng.uniform(2, 8)), (-22, 2)
    )
    span, chord = rng.uniform(30, 48), rng.uniform(13, 20)
    sweep = rng.uniform(-4, 20)
    tips = wing * rng.uniform(0.25, 0.9)

    def pinion(height: float, lean: float, hair: np.ndarray) -> list[Part]:
        """A wing whose tip is `height` above the body and `lean` behind its root."""
        tip = (6 - lean, -height)
        elbow = (11 - lean * 0.2, -height * 0.5)
        outline = smooth((12, -1), elbow, tip, (tip[0] - 5, tip[1] + height * 0.12),
                         (-lean * 0.5 - chord * 0.7, -height * 0.5), (6 - chord, 0))
        end = smooth((tip[0] + 1, tip[1] * 0.8), tip, (tip[0] - 5, tip[1] + height * 0.12),
                     (tip[0] - chord * 0.4, tip[1] * 0.74))
        return [Part(outline, hair), Part(end, tips)]

    trunk = [Part(rump, wing * 0.85), Part(body, back)]
    trunk.append(Part(smooth((20, 1), (-14, 1), (-14, 4), (8, 6.5)), front))
    trunk += _beak(rng, np.array([22, -2]), 6, rng.uniform(4, 9), 5, beak)
    trunk.append(Part(ellipse(22, -2, rng.uniform(5.5, 7)), back))
    trunk.append(Part(ellipse(25, -3.5, 1.3), BLACK))
    pose = rng.choice(3, p=[0.4, 0.2, 0.4])
    if pose == 0:
        lean = sweep + rng.uniform(0, 14)
        parts = pinion(span * 0.85, lean - 14, wing * 0.7) + trunk + pinion(span, lean, wing)
    elif pose == 1:
        parts = (
            pinion(-span * 0.6, sweep, wing * 0.7) + trunk + pinion(-span * 0.8, sweep + 8, wing)
        )
    else:
        parts = pinion(span, sweep, wing) + pinion(-span, sweep, wing) + trunk
        squeeze = rng.uniform(0.6, 1)
        parts = [Part(p.outline * (1, squeeze), p.colour) for p in parts]
    return moved(parts, angle=rng.uniform(-40, 20))


def _plumage(rng: Rng) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The colours of back, breast, wings and beak."""
    back, front, wing = (one_of(rng, PLUMAGES) for _ in range(3))
    if rng.random() < 0.55:
        front = back * rng.uniform(0.7, 1.2)
    if rng.random() < 0.6:
        wing = back * rng.uniform(0.55, 0.95)
    return back, front, wing, one_of(rng, [(225, 150, 40), (60, 55, 50), (200, 80, 50)])


def _bird(rng: Rng, shape: Shape) -> list[Part]:
    back, front, wing, beak = _plumage(rng)
    lean, legs, neck = (rng.uniform(*r) for r in (shape.lean, shape.legs, shape.neck))
    skull, bill, reach = (rng.uniform(*r) for r in (shape.skull, shape.bill, shape.tail))
    deep, long = rng.uniform(10.5, 14), rng.uniform(21, 26)
    body = smooth((long, -2), (12, -deep), (-10, -deep * 0.8), (-long - 4, -1), (-12, deep * 0.75),
                  (8, deep), (long - 3, 6))
    breast = smooth((long, 0), (10, 0), (-14, 3), (-10, deep * 0.75), (8, deep), (long - 3, 6))
    rump = limb([(-16, 0), (-24, 0), (-24 - reach, rng.uniform(-3, 3))], [9, 7, rng.uniform(4, 8)])
    fold = smooth((10, -deep * 0.5), (-4, -deep * 0.7), (-30, rng.uniform(-2, 4)),
                  (-8, deep * 0.35), (6, 3))
    parts = [Part(rump, wing * 0.85), Part(body, back), Part(breast, front), Part(fold, wing)]
    if rng.random() < 0.4:
        parts.append(Part(limb([(2, -1), (-18, 2)], [1.5, 1.5]), wing * 0.4 + 140))
    parts = moved(parts, angle=lean)
    shoulder = turned(polygon((13, -4)), lean)[0]
    head = shoulder + polar(lean * 0.3 - shape.rise, neck * 0.75)
    bend = (shoulder + head) / 2 + (rng.uniform(0, 0.2) * neck, 0)
    crown = one_of(rng, PLUMAGES) if rng.random() < 0.3 else back
    width = shape.thick * skull
    parts.append(Part(limb([shoulder, bend, head], [width * 1.3, width, width]), crown))
    parts += _beak(rng, head, skull, bill, rng.uniform(-8, 25), beak)
    parts.append(Part(ellipse(*head, skull), crown))
    if rng.random() < 0.2:
        crest = head + polygon((-skull, -2), (-skull - 5, -skull - 6), (2, -skull + 1))
        parts.append(Part(crest, crown))
    parts += eye(*(head + polar(-30, skull * 0.4)), skull * 0.22, beak * 0.5 + 60)
    if not legs:
        return parts
    hips = turned(polygon((-2, deep * 0.6), (4, deep * 0.7)), lean)
    low = hips[:, 1].max() + legs
    feet = [
        Part(
            limb([(x, y), (x + rng.uniform(-2, 2), low), (x + 5, low)], [1.8, 1.5, 1.3]),
            beak * 0.75,
        )
        for x, y in hips
    ]
    return feet + parts


def _beak(
    rng: Rng, skull: np.ndarray, r: float, bill: float, angle: float, beak: np.ndarray
) -> list[Part]:
    root = skull + polar(angle, r * 0.6)
    thick = r * rng.uniform(0.3, 0.5)
    outline = polygon(
        root + polar(angle - 90, thick),
        skull + polar(angle, r + bill),
        root + polar(angle + 90, thick),
    )
    return [Part(outline, beak)]
