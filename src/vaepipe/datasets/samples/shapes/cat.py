"""Cats."""

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    ellipse,
    limb,
    mirrored,
    moved,
    one_of,
    polygon,
    smooth,
    turned,
)
from vaepipe.datasets.samples.shapes.animals import (
    PINK,
    Build,
    Coat,
    coat_of,
    legs,
    lying_legs,
    neck_and_head,
    patches,
    sitting,
    tail_of,
    trunk,
)

# fmt: off

FURS = [
    (205, 130, 65), (120, 112, 105), (50, 46, 45), (228, 222, 212), (150, 112, 75), (95, 70, 52),
    (200, 175, 135),
]


def cat(rng: Rng) -> list[Part]:
    """Standing, lying, sitting or its face."""
    coat = coat_of(rng, FURS)
    dark = coat.main * rng.uniform(0.45, 0.7)
    iris = one_of(rng, [(190, 180, 60), (110, 170, 80), (110, 160, 190), (200, 140, 50)])
    pose = rng.choice(4, p=[0.25, 0.15, 0.3, 0.3])
    tabby = rng.random() < 0.6
    if pose == 3:
        return _face(rng, coat, dark, iris, tabby)
    if pose == 2:
        face = _face(rng, coat, dark, iris, tabby)
        return sitting(rng, coat, moved(face, rng.uniform(-5, 5), -34, 0.64, rng.uniform(-12, 12)),
                        dark if tabby else None, thin=True)
    build = Build(
        depth=rng.uniform(17, 22), legs=rng.uniform(13, 19), leg=rng.uniform(3.6, 5),
        neck=rng.uniform(8, 13), neck_width=9, rise=rng.uniform(5, 60), head=rng.uniform(12, 14),
        skull=rng.uniform(8, 9.5), muzzle=rng.uniform(5, 7), droop=rng.uniform(0, 30),
    )
    head, skull, _ = neck_and_head(rng, build, coat, iris=iris, nose=PINK * 0.8)
    tail = tail_of(build, rng.uniform(26, 42), rng.uniform(-40, 90), rng.uniform(-60, 70),
                 [4.5, 4, 3], dark if tabby else coat.main)
    ears = [
        Part(turned(polygon((-5, -4), (-2 + dx, -15), (4, -6)), dx * 2, (0, 0)) + skull, hair)
        for dx, hair in ((4, coat.main * 0.7), (-2, coat.main))
    ]
    marks = []
    if tabby:
        d = build.depth / 2
        marks = [
            Part(limb([(x, -d * 1.0), (x + rng.uniform(-3, 3), d * 0.4)], [2.2, 0.6]), dark)
            for x in np.arange(-22, 22, rng.uniform(5, 8))
        ]
    elif rng.random() < 0.4:
        marks = patches(rng, build, one_of(rng, FURS), int(rng.integers(1, 4)), 8)
    if pose == 1:
        return [tail, *trunk(rng, build, coat), *marks, *lying_legs(rng, build, coat), *ears, *head]
    far, near = legs(rng, build, coat, True), legs(rng, build, coat, False)
    return [tail, *far, *trunk(rng, build, coat), *marks, *near, *ears, *head]


def _face(rng: Rng, coat: Coat, dark: np.ndarray, iris: np.ndarray, tabby: bool) -> list[Part]:
    """From ahead, about 60 wide."""
    w, h = rng.uniform(25, 30), rng.uniform(21, 25)
    spread, high = rng.uniform(0.5, 0.75), rng.uniform(15, 24)
    parts = []
    for side in (1, -1):
        ear = polygon(
            (w * 0.95, -h * 0.2), (w * (0.35 + spread * 0.7), -h - high), (w * 0.15, -h * 0.85)
        )
        inner = (ear - ear.mean(0)) * 0.6 + ear.mean(0)
        for outline, hair in ((ear, coat.main * 0.9), (inner, PINK * 0.75 + coat.main * 0.2)):
            parts.append(Part(outline if side > 0 else mirrored(outline), hair))
    cheeks = smooth((-w, 0), (-w * 0.7, -h * 0.8), (0, -h), (w * 0.7, -h * 0.8), (w, 0),
                    (w * 0.75, h * 0.7), (0, h), (-w * 0.75, h * 0.7))
    parts.append(Part(cheeks, coat.main))
    if tabby:
        for x in (-9, 0, 9):
            parts.append(Part(limb([(x * 1.2, -h * 0.92), (x * 0.7, -h * 0.5)], [4, 1.5]), dark))
        for side in (1, -1):
            parts.append(Part(limb([(side * w * 0.95, 3), (side * w * 0.6, 1)], [3, 1]), dark))
    elif rng.random() < 0.3:
        half = smooth((0, -h), (w * 0.7, -h * 0.8), (w, 0), (w * 0.6, h * 0.2), (w * 0.1, -h * 0.1))
        parts.append(Part(half, one_of(rng, FURS)))
    parts.append(Part(ellipse(0, h * 0.5, w * 0.42, h * 0.4), coat.belly * 0.9 + 22))
    gap, r = w * rng.uniform(0.4, 0.48), w * rng.uniform(0.19, 0.25)
    for side in (1, -1):
        x, y = side * gap, -h * 0.12
        parts.append(Part(ellipse(x, y, r * 1.15, r, side * 12), dark * 0.6))
        parts.append(Part(ellipse(x, y, r, r * 0.85, side * 12), iris))
        parts.append(Part(ellipse(x, y, r * rng.uniform(0.25, 0.6), r * 0.8), BLACK))
    parts.append(Part(polygon((-3.5, h * 0.28), (3.5, h * 0.28), (0, h * 0.45)), PINK * 0.8))
    parts.append(Part(limb([(-6, h * 0.68), (0, h * 0.5), (6, h * 0.68)], [1, 1.6, 1]), dark * 0.7))
    return moved(parts, angle=rng.uniform(-10, 10))
