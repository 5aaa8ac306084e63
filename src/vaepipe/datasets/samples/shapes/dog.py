"""Dogs."""

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
    polar,
    polygon,
    smooth,
)
from vaepipe.datasets.samples.shapes.animals import (
    PINK,
    Build,
    Coat,
    coat_of,
    eye,
    legs,
    lying_legs,
    neck_and_head,
    patches,
    sitting,
    tail_of,
    trunk,
)

# fmt: off

FURS = [(190, 140, 80), (48, 42, 40), (225, 215, 200), (120, 80, 50), (150, 120, 95),
        (100, 95, 95), (215, 180, 125)]


def dog(rng: Rng) -> list[Part]:
    """Standing, lying, sitting or its face."""
    coat = coat_of(rng, FURS)
    dark = coat.main * rng.uniform(0.4, 0.8)
    iris = one_of(rng, [(80, 50, 30), (60, 40, 30)])
    pose = rng.choice(4, p=[0.33, 0.13, 0.24, 0.3])
    floppy = rng.random() < 0.75
    if pose == 3:
        return _face(rng, coat, dark, iris, floppy)
    if pose == 2:
        face = _face(rng, coat, dark, iris, floppy)
        return sitting(rng, coat, moved(face, rng.uniform(-4, 4), -36, 0.68, rng.uniform(-12, 12)),
                        None, thin=False)
    build = Build(
        depth=rng.uniform(18, 25), legs=rng.uniform(12, 28), leg=rng.uniform(4, 6.5),
        neck=rng.uniform(14, 21), neck_width=rng.uniform(9, 13), rise=rng.uniform(25, 70),
        head=rng.uniform(19, 26), skull=rng.uniform(7, 9), muzzle=rng.uniform(6, 9),
        droop=rng.uniform(-8, 30),
    )
    head, skull, angle = neck_and_head(rng, build, coat, iris=iris, nose=BLACK)
    tail = tail_of(build, rng.uniform(16, 28), rng.uniform(0, 80), rng.uniform(-20, 90),
                 [6, 5, 2.5], coat.main)
    if floppy:
        drop = rng.uniform(11, 18)
        ears = [
            Part(limb(skull + polygon((-4, -6), (-6, 2), (-4, drop - 4)), [5, 7, 4]), dark)
        ]
    else:
        ears = [
            Part(skull + polygon((dx - 7, -4), (dx - 5, -16), (dx + 1, -7)), hair)
            for dx, hair in ((4, dark * 0.8), (0, dark))
        ]
    marks = []
    if rng.random() < 0.4:
        marks = patches(rng, build, one_of(rng, [(40, 36, 34), (225, 215, 200), (130, 85, 50)]),
                         int(rng.integers(1, 5)), rng.uniform(4, 9))
    if rng.random() < 0.25:
        jaw = skull + polar(angle + 25, build.head - build.skull)
        head.append(Part(ellipse(*jaw, 2, 4), PINK))
    if rng.random() < 0.35:
        ring = np.array([20, -build.depth * 0.2]) + polar(-build.rise, build.neck * 0.5)
        band = ellipse(*ring, 1.6, build.neck_width * 0.6, -build.rise)
        head.append(Part(band, one_of(rng, [(200, 40, 40), (50, 80, 180), (40, 40, 40)])))
    if pose == 1:
        return [tail, *trunk(rng, build, coat), *marks, *lying_legs(rng, build, coat), *head, *ears]
    far, near = legs(rng, build, coat, True), legs(rng, build, coat, False)
    return [tail, *far, *trunk(rng, build, coat), *marks, *near, *head, *ears]


def _face(rng: Rng, coat: Coat, dark: np.ndarray, iris: np.ndarray, floppy: bool) -> list[Part]:
    """From ahead, about 60 wide."""
    w, h = rng.uniform(20, 25), rng.uniform(24, 29)
    ears = []
    for side in (1, -1):
        if floppy:
            drop = rng.uniform(2, 18)
            outline = limb([(w * 0.55, -h * 0.85), (w * 1.15, -h * 0.5), (w * 1.25, drop)],
                           [10, 15, 9])
        else:
            outline = polygon(
                (w * 0.95, -h * 0.4), (w * rng.uniform(0.7, 1.0), -h * 1.55), (w * 0.2, -h * 0.85)
            )
        ears.append(Part(outline if side > 0 else mirrored(outline), dark))
    face = smooth((-w, -h * 0.3), (-w * 0.6, -h * 0.9), (0, -h), (w * 0.6, -h * 0.9), (w, -h * 0.3),
                  (w * 0.7, h * 0.5), (0, h), (-w * 0.7, h * 0.5))
    parts = [Part(face, coat.main)]
    mask = rng.random()
    if mask < 0.35:
        parts.append(
            Part(limb([(0, -h * 0.95), (0, h * 0.3)], [w * 0.3, w * 0.55]), coat.belly + 15)
        )
    elif mask < 0.55:
        parts.append(Part(ellipse(w * 0.42, -h * 0.2, w * 0.4, h * 0.33), dark))
    snout = coat.belly if mask < 0.7 else dark
    length = rng.uniform(0.36, 0.5)
    parts.append(Part(ellipse(0, h * 0.48, w * rng.uniform(0.5, 0.66), h * length), snout))
    r = w * rng.uniform(0.11, 0.16)
    for side in (1, -1):
        parts.append(Part(ellipse(side * w * 0.42, -h * 0.2, r * 1.35), dark * 0.6))
        parts += eye(side * w * 0.42, -h * 0.2, r, iris)
    if rng.random() < 0.4:
        parts.append(Part(ellipse(rng.uniform(-3, 3), h * 0.92, w * 0.2, h * 0.22), PINK))
    parts.append(
        Part(limb([(-w * 0.4, h * 0.66), (0, h * 0.74), (w * 0.4, h * 0.66)], [1, 2.2, 1]), BLACK)
    )
    parts.append(Part(ellipse(0, h * 0.32, w * rng.uniform(0.22, 0.3), h * 0.15), BLACK))
    whole = parts + ears if floppy else ears + parts
    return moved(whole, angle=rng.uniform(-12, 12))
