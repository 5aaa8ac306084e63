"""Ships and boats."""

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    box,
    colour,
    limb,
    mirrored,
    one_of,
    paint,
    polygon,
    smooth,
)

# fmt: off


def ship(rng: Rng) -> list[Part]:
    """A freighter, liner, tug, warship, motor boat, or a yacht or ship under sail."""
    kinds = (_freighter, _liner, _tug, _warship, _motor_boat, _yacht, _tall_ship, _bow)
    return kinds[rng.choice(8, p=[0.16, 0.16, 0.12, 0.1, 0.12, 0.18, 0.08, 0.08])](rng)


def _hull(rng: Rng, hull: np.ndarray, half: float, high: float, sheer: float = 3.0) -> list[Part]:
    """From the stern at -half to the bow at half, deck at -high, water at 0."""
    rake = rng.uniform(4, 14)
    side = polygon(
        (-half, -high * 0.9), (-half * 0.5, -high), (half * 0.5, -high), (half, -high - sheer),
        (half - rake, 0), (-half + rng.uniform(1, 5), 0),
    )
    parts = [Part(side, hull)]
    if rng.random() < 0.6:
        red = one_of(rng, [(150, 40, 35), (40, 40, 45), (200, 200, 200), (40, 90, 60)])
        parts.append(
            Part(
                polygon(
                    (-half + 2, -high * 0.25),
                    (half - rake * 0.75, -high * 0.25),
                    (half - rake, 0),
                    (-half + 3, 0),
                ),
                red,
            )
        )
    if rng.random() < 0.5:
        parts.append(
            Part(
                polygon(
                    (-half, -high * 0.9),
                    (half * 0.5, -high),
                    (half, -high - sheer),
                    (half - 1, -high - sheer + 2),
                    (half * 0.5, -high + 2),
                    (-half, -high * 0.9 + 2),
                ),
                hull * 0.3 + 170,
            )
        )
    return parts


def _decks(
    rng: Rng, left: float, right: float, foot: float, floors: int, walls: np.ndarray
) -> list[Part]:
    """Floors of a superstructure, each a little shorter than the one below."""
    parts = []
    height = rng.uniform(4.5, 6.5)
    for _ in range(floors):
        parts.append(Part(box(left, foot - height, right, foot + 0.5), walls))
        parts.append(
            Part(
                box(left + 1, foot - height * 0.7, right - 1, foot - height * 0.3),
                colour(60, 75, 95),
            )
        )
        foot -= height
        left += rng.uniform(0, 0.12) * (right - left)
        right -= rng.uniform(0.02, 0.15) * (right - left)
    return parts


def _mast(x: float, foot: float, top: float, width: float = 1.4) -> Part:
    return Part(limb([(x, foot), (x, top)], [width, width * 0.7]), BLACK + 50)


def _funnel(rng: Rng, x: float, foot: float, high: float) -> list[Part]:
    main, w = paint(rng), rng.uniform(3, 5)
    return [
        Part(polygon((x - w, foot), (x - w - 1, foot - high), (x + w - 1, foot - high),
                     (x + w, foot)), main),
        Part(box(x - w - 1, foot - high, x + w - 1, foot - high * 0.75), BLACK),
    ]


def _white(rng: Rng) -> np.ndarray:
    return one_of(rng, [(235, 235, 230), (225, 215, 190), (200, 205, 210)], 8)


def _freighter(rng: Rng) -> list[Part]:
    high = rng.uniform(9, 15)
    aft = rng.uniform(-44, -30)
    parts = _funnel(rng, aft - 1, -high - 16, 9)
    x = aft + 12
    boxes = rng.random() < 0.6
    while x < 36:
        if boxes:
            w = rng.uniform(7, 10)
            for k in range(rng.integers(1, 4)):
                parts.append(
                    Part(box(x, -high - 5.5 * (k + 1), x + w - 0.7, -high - 5.5 * k), paint(rng))
                )
            x += w
        else:
            parts.append(_mast(x, -high, -high - rng.uniform(12, 22), 2))
            parts.append(Part(limb([(x, -high - 4), (x + 9, -high - 14)], [1.3, 1]), BLACK + 80))
            x += rng.uniform(14, 22)
    parts += _decks(rng, aft - 7, aft + 8, -high, int(rng.integers(3, 5)), _white(rng))
    return parts + _hull(rng, paint(rng), 50, high)


def _liner(rng: Rng) -> list[Part]:
    high = rng.uniform(8, 13)
    floors = int(rng.integers(2, 5))
    parts = []
    for x in rng.uniform(-24, 0) + np.arange(rng.integers(1, 4)) * 13:
        parts += _funnel(rng, x, -high - 4 * floors, rng.uniform(8, 14))
    parts += _decks(rng, rng.uniform(-46, -36), rng.uniform(26, 38), -high, floors, _white(rng))
    hull = _white(rng) if rng.random() < 0.5 else paint(rng)
    return parts + _hull(rng, hull, 50, high)


def _tug(rng: Rng) -> list[Part]:
    half, high = rng.uniform(26, 34), rng.uniform(8, 12)
    x = rng.uniform(-6, 8)
    parts = [_mast(x - 4, -high, -high - rng.uniform(24, 34))]
    parts += _funnel(rng, x - 14, -high, rng.uniform(10, 15))
    parts += _decks(rng, x - 9, x + 11, -high, int(rng.integers(1, 3)), _white(rng))
    return parts + _hull(rng, paint(rng), half, high, rng.uniform(4, 8))


def _warship(rng: Rng) -> list[Part]:
    grey = one_of(rng, [(130, 138, 145), (100, 108, 115), (160, 165, 170)], 6)
    high = rng.uniform(6, 9)
    parts = [_mast(x, -high, -high - rng.uniform(22, 32)) for x in rng.uniform(-20, 16, 2)]
    for _ in range(3):
        x = rng.uniform(-26, 20)
        w = rng.uniform(5, 9)
        parts.append(
            Part(
                polygon(
                    (x - w, -high),
                    (x - w * 0.6, -high - rng.uniform(8, 17)),
                    (x + w * 0.5, -high - rng.uniform(8, 17)),
                    (x + w, -high),
                ),
                grey * rng.uniform(0.8, 1.1),
            )
        )
    for x in (30, -36):
        parts.append(Part(box(x - 4, -high - 4, x + 4, -high), grey * 0.9))
        parts.append(Part(limb([(x, -high - 2.5), (x + 11, -high - 4)], [1.3, 1.1]), grey * 0.6))
    return parts + _hull(rng, grey, 52, high)


def _motor_boat(rng: Rng) -> list[Part]:
    high = rng.uniform(9, 13)
    white = _white(rng)
    top = -high - rng.uniform(8, 13)
    left, right = rng.uniform(-26, -12), rng.uniform(6, 18)
    return [
        _mast(left + 4, top, top - rng.uniform(3, 9)),
        Part(polygon((left, -high), (left + 1, top), (right - 9, top), (right + 4, -high)), white),
        Part(polygon((left + 3, -high - 1.5), (left + 3.5, top + 2), (right - 9, top + 2),
                     (right - 1, -high - 1.5)), colour(50, 60, 75)),
        *_hull(rng, white if rng.random() < 0.5 else paint(rng), 42, high, rng.uniform(2, 6)),
    ]


def _sail(rng: Rng) -> np.ndarray:
    return _white(rng) if rng.random() < 0.75 else paint(rng)


def _yacht(rng: Rng) -> list[Part]:
    half, high = rng.uniform(22, 34), rng.uniform(5, 8)
    top = -high - rng.uniform(45, 70)
    x = rng.uniform(-4, 6)
    foot = -high - 3
    belly = rng.uniform(0, 5)
    sail = _sail(rng)
    parts = [
        Part(smooth((x - 1, top + 2), (x - 14 - belly, (top + foot) * 0.45),
                    (x - half * rng.uniform(0.7, 0.95), foot), (x - 2, foot)), sail),
        _mast(x, -high, top),
    ]
    if rng.random() < 0.8:
        parts.append(
            Part(
                polygon(
                    (x + 1.5, top * rng.uniform(0.75, 0.95)), (half - 2, foot), (x + 2, foot + 1)
                ),
                sail * rng.uniform(0.8, 0.97),
            )
        )
    parts.append(Part(box(x - 9, -high - 2.5, x + 6, -high), _white(rng) * 0.9))
    return parts + _hull(rng, _white(rng) if rng.random() < 0.5 else paint(rng), half, high, 2)


def _tall_ship(rng: Rng) -> list[Part]:
    high = rng.uniform(8, 11)
    parts, sail = [Part(limb([(38, -high), (60, -high - 9)], [1.6, 1]), BLACK + 40)], _sail(rng)
    for x in (-26, 0, 24):
        top = -high - rng.uniform(42, 56)
        parts.append(_mast(x, -high, top - 3))
        y, w = -high - 4, rng.uniform(10, 13)
        while y > top + 8:
            parts.append(
                Part(
                    smooth(
                        (x - w, y),
                        (x - w * 0.8, y - 10),
                        (x + w * 0.8, y - 10),
                        (x + w, y),
                        (x, y - 2),
                    ),
                    sail * rng.uniform(0.85, 1),
                )
            )
            y, w = y - 13, w * 0.82
    brown = one_of(rng, [(90, 55, 35), (50, 40, 35), (225, 220, 210)])
    return parts + _hull(rng, brown, 42, high, 5)


def _bow(rng: Rng) -> list[Part]:
    """A ship that comes towards us."""
    w, high = rng.uniform(18, 26), rng.uniform(20, 30)
    hull, walls = paint(rng), _white(rng)
    parts = [_mast(0, -high, -high - rng.uniform(26, 38))]
    parts += _decks(rng, -w * 0.8, w * 0.8, -high, int(rng.integers(2, 4)), walls)
    half = smooth(
        (0, -high - 4),
        (w * 0.7, -high),
        (w, -high + 1),
        (w * 0.75, -high * 0.4),
        (w * 0.4, 0),
        (0, 0),
    )
    parts += [Part(half, hull), Part(mirrored(half), hull * 0.8)]
    return parts
