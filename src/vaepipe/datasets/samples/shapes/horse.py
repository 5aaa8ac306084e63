"""Horses."""

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
    polygon,
    smooth,
)
from vaepipe.datasets.samples.shapes.animals import (
    Build,
    coat_of,
    legs,
    neck_and_head,
    patches,
    tail_of,
    trunk,
)

# fmt: off

FURS = [(125, 72, 42), (70, 46, 36), (40, 36, 36), (215, 210, 205), (150, 145, 145),
        (175, 120, 70), (200, 165, 115)]


def horse(rng: Rng) -> list[Part]:
    """Standing, moving or grazing, some of them saddled."""
    coat = coat_of(rng, FURS)
    mane = [coat.main * 0.35, coat.main * 0.5 + 110, coat.main * 0.75][rng.integers(3)]
    grazing = rng.random() < 0.2
    build = Build(
        depth=rng.uniform(22, 27), legs=rng.uniform(26, 33), leg=rng.uniform(3.8, 5.2),
        neck=rng.uniform(25, 33), neck_width=rng.uniform(11, 15),
        rise=rng.uniform(-60, -35) if grazing else rng.uniform(30, 62),
        head=rng.uniform(24, 29), skull=rng.uniform(6.5, 7.5), muzzle=rng.uniform(6, 7.5),
        droop=rng.uniform(45, 75) if grazing else rng.uniform(25, 65),
    )
    head, skull, angle = neck_and_head(rng, build, coat, iris=BLACK, nose=coat.main * 0.45)
    ears = [
        Part(polygon(skull + polar(angle - 155 + dx, 7), skull + polar(angle - 115 + dx, 13),
                     skull + polar(angle - 85 + dx, 6)), coat.main * dark)
        for dx, dark in ((12, 0.7), (0, 0.95))
    ]
    root = np.array([17, -build.depth * 0.5])
    crest = skull + polar(angle - 110, build.skull * 0.8)
    middle = root * 0.5 + crest * 0.5 + polar(-build.rise - 90, rng.uniform(2, 5))
    hair = [Part(limb([root, middle, crest], [3, rng.uniform(5, 9), 4]), mane)]
    if rng.random() < 0.4:
        blaze = skull + polar(angle - 12, build.head * 0.4)
        hair.append(Part(ellipse(*blaze, build.head * 0.3, 1.5, angle), colour(235, 230, 225)))
    tail = tail_of(build, rng.uniform(26, 38), rng.uniform(-85, -20), rng.uniform(-50, 0),
                 [5, rng.uniform(6, 10), 3], mane)
    far, near = legs(rng, build, coat, True), legs(rng, build, coat, False)
    marks = []
    if rng.random() < 0.2:
        marks = patches(rng, build, one_of(rng, [(235, 230, 225), (110, 65, 40)]), 3, 9)
    if rng.random() < 0.2:
        marks += _saddle(rng, build)
    return [*far, tail, *trunk(rng, build, coat), *marks, *near, *ears, *head, *hair]


def _saddle(rng: Rng, build: Build) -> list[Part]:
    d = build.depth / 2
    cloth = one_of(rng, [(190, 40, 40), (40, 60, 140), (230, 230, 225), (60, 110, 70)])
    return [
        Part(polygon((-9, -d), (8, -d), (9, d * 0.1), (-10, d * 0.1)), cloth),
        Part(smooth((-8, -d - 2), (0, -d + 1), (7, -d - 2.5), (5, -d * 0.3), (-5, -d * 0.3)),
             colour(80, 50, 30)),
    ]
