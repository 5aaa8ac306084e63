"""What four-legged animals have in common, and eyes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    colour,
    ellipse,
    limb,
    one_of,
    polar,
    smooth,
)

# fmt: off

PINK = colour(215, 140, 135)


class Build(NamedTuple):
    """The proportions of a four-legged animal, relative to a trunk 50 long."""

    depth: float
    """Of the trunk."""
    legs: float
    """Length below the trunk."""
    leg: float
    """Width of a leg at its foot."""
    neck: float
    neck_width: float
    rise: float
    """Angle of the neck above the horizontal, in degrees."""
    head: float
    """Length from the back of the skull to the nose."""
    skull: float
    """Radius."""
    muzzle: float
    """Width at the nose."""
    droop: float
    """Angle of the head below the horizontal, in degrees."""


class Coat(NamedTuple):
    """The colours of an animal."""

    main: np.ndarray
    belly: np.ndarray
    feet: np.ndarray


def coat_of(rng: Rng, furs: list[tuple[float, float, float]]) -> Coat:
    main = one_of(rng, furs, 7)
    white = colour(225, 218, 205)
    belly = main * 0.35 + white * 0.65 if rng.random() < 0.4 else main * rng.uniform(0.8, 1.1)
    feet = [main * 0.5, white, main][rng.integers(3)]
    return Coat(main, belly, feet)


def eye(x: float, y: float, r: float, iris: np.ndarray) -> list[Part]:
    return [
        Part(ellipse(x, y, r), iris),
        Part(ellipse(x, y, r * 0.6), BLACK),
        Part(ellipse(x + r * 0.3, y - r * 0.35, r * 0.28), colour(245, 245, 245)),
    ]


def legs(rng: Rng, build: Build, coat: Coat, far: bool) -> list[Part]:
    """A fore leg and a hind leg, of those near us or far from us."""
    parts = []
    dark = 0.68 if far else 1.0
    stride = rng.uniform(0, 28)
    for x, fore in ((20, True), (-20, False)):
        swing = rng.uniform(-1, 1) * stride + (6 if far else -4)
        hip = np.array([x + (3 if far else 0), 0])
        knee = hip + polar(90 - swing + (0 if fore else 10), build.depth * 0.3 + build.legs * 0.45)
        lift = rng.uniform(0, 50) if stride > 14 and rng.random() < 0.4 else 0
        foot = knee + polar(90 - swing * 0.3 + (lift if fore else lift / 2 - 6), build.legs * 0.55)
        upper = build.leg * (2.0 if fore else 2.9)
        parts.append(
            Part(limb([hip, knee, foot], [upper * 1.3, build.leg * 1.35, build.leg]),
                 coat.main * dark)
        )
        parts.append(
            Part(limb([knee * 0.3 + foot * 0.7, foot, foot + polar(0, build.leg * 0.6)],
                      [build.leg * 1.1, build.leg * 1.1, build.leg]), coat.feet * dark)
        )
    return parts


def trunk(rng: Rng, build: Build, coat: Coat) -> list[Part]:
    d = build.depth / 2
    sag, tuck = rng.uniform(-0.1, 0.15) * d, rng.uniform(0.6, 0.9) * d
    body = smooth((27, -d * 0.3), (20, -d), (0, -d + sag), (-18, -d * 1.05), (-27, -d * 0.5),
                  (-27, d * 0.3), (-16, tuck), (0, d * 0.85), (18, d * 1.05), (27, d * 0.4))
    belly = smooth((22, d * 0.75), (0, d * 0.5), (-20, d * 0.55), (-14, tuck * 0.95), (0, d * 0.85),
                   (17, d))
    return [Part(body, coat.main), Part(belly, coat.belly)]


def neck_and_head(
    rng: Rng, build: Build, coat: Coat, *, iris: np.ndarray, nose: np.ndarray
) -> tuple[list[Part], np.ndarray, float]:
    """The parts, the centre of the skull (2,) and the angle of the head."""
    rise = build.rise
    root = np.array([20, -build.depth * 0.2])
    bend = root + polar(-rise + 12, build.neck * 0.5)
    skull = root + polar(-rise, build.neck)
    angle = build.droop
    tip = skull + polar(angle, build.head - build.skull)
    mid = skull * 0.45 + tip * 0.55
    w = build.neck_width
    parts = [
        Part(limb([root - (6, 0), root, bend, skull],
                  [w * 1.7, w * 1.5, w * 1.05, build.skull * 1.5]), coat.main),
        Part(ellipse(*skull, build.skull), coat.main),
        Part(limb([skull, mid, tip], [build.skull * 1.8, build.muzzle * 1.25, build.muzzle]),
             coat.main),
    ]
    if rng.random() < 0.5:
        parts.append(Part(limb([mid, tip], [build.muzzle * 0.6, build.muzzle * 0.95]), coat.belly))
    end = skull + polar(angle, build.head - build.skull + build.muzzle * 0.25)
    parts.append(Part(ellipse(*(end - (0, build.muzzle * 0.15)), build.muzzle * 0.33), nose))
    socket = skull + polar(angle - 35, build.skull * 0.55)
    parts += eye(*socket, max(1.1, build.skull * 0.2), iris)
    return parts, skull, angle


def patches(rng: Rng, build: Build, patch: np.ndarray, count: int, size: float) -> list[Part]:
    d = build.depth / 2
    return [
        Part(ellipse(rng.uniform(-22, 22), rng.uniform(-0.75, 0.5) * d,
                     size * rng.uniform(0.6, 1.4), size * rng.uniform(0.5, 1.0),
                     rng.uniform(0, 180)), patch)
        for _ in range(count)
    ]


def tail_of(
    build: Build,
    length: float,
    angle: float,
    curl: float,
    widths: Sequence[float],
    hair: np.ndarray,
) -> Part:
    """A tail at this angle from straight back, upwards, which then bends by `curl`."""
    root = np.array([-24, -build.depth * 0.3])
    middle = root + polar(180 + angle, length * 0.5)
    tip = middle + polar(180 + angle + curl, length * 0.5)
    return Part(limb([root, middle, tip], widths), hair)


def lying_legs(rng: Rng, build: Build, coat: Coat) -> list[Part]:
    """The legs of an animal that lies."""
    y = build.depth / 2 - build.leg * 0.4
    fore = rng.uniform(10, 22)
    return [
        Part(ellipse(-17, build.depth * 0.12, 12, build.depth * 0.38, -15), coat.main * 0.92),
        Part(limb([(-18, y), (-4, y + 1)], [build.leg * 1.5, build.leg * 1.2]), coat.feet),
        Part(limb([(17, y - 3), (24, y), (24 + fore, y)],
                  [build.leg * 2, build.leg * 1.4, build.leg]), coat.main * 0.95),
        Part(limb([(22 + fore, y), (26 + fore, y)], [build.leg * 1.2] * 2), coat.feet),
    ]


def sitting(
    rng: Rng, coat: Coat, face: list[Part], stripes: np.ndarray | None, thin: bool
) -> list[Part]:
    """An animal that sits before us, its face where it is given: above (0, -20)."""
    w = rng.uniform(17, 22)
    side = rng.choice([1, -1])
    reach = rng.uniform(6, 16)
    tail = limb([(side * w * 0.7, 36), (side * (w + reach * 0.7), 32),
                 (side * (w + reach), rng.uniform(5, 36))], [6, 5.5, 4] if thin else [8, 6, 2])
    body = smooth((0, -24), (12, -18), (w * 0.9, 12), (w * 1.05, 32), (w * 0.7, 40), (0, 38),
                  (-w * 0.7, 40), (-w * 1.05, 32), (-w * 0.9, 12), (-12, -18))
    parts = [Part(tail, coat.main * 0.85), Part(body, coat.main)]
    if stripes is not None:
        for y in (-2, 10, 22):
            for s in (1, -1):
                parts.append(Part(limb([(s * w * 0.95, y), (s * w * 0.5, y + 3)], [3, 1]), stripes))
    parts.append(Part(ellipse(0, 0, 9, 18), coat.belly))
    for s in (1, -1):
        parts.append(Part(limb([(s * 7, 2), (s * 7, 36)], [9, 7]), coat.main * 0.93))
        parts.append(Part(ellipse(s * 7.5, 37.5, 5.5, 3.5), coat.feet))
        parts.append(Part(ellipse(s * w * 0.85, 37, 6, 4), coat.feet * 0.9))
    return parts + face
