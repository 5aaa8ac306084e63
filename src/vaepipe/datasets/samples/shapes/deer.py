"""Deer."""

import numpy as np

from vaepipe.datasets.samples.outlines import (
    BLACK,
    Part,
    Rng,
    colour,
    ellipse,
    limb,
    mirrored,
    moved,
    one_of,
    polar,
    smooth,
)
from vaepipe.datasets.samples.shapes.animals import (
    PINK,
    Build,
    Coat,
    coat_of,
    eye,
    legs,
    neck_and_head,
    patches,
    tail_of,
    trunk,
)

# fmt: off

FURS = [(165, 110, 65), (130, 92, 60), (185, 140, 90), (150, 105, 70)]

HORN = colour(185, 160, 115)


def deer(rng: Rng) -> list[Part]:
    """A stag, a hind or a fawn, which stands, grazes or looks at us."""
    coat = coat_of(rng, FURS)
    horns = rng.random() < 0.75
    if rng.random() < 0.2:
        return _face(rng, coat, horns)
    grazing = rng.random() < 0.2
    build = Build(
        depth=rng.uniform(17, 22), legs=rng.uniform(28, 36), leg=rng.uniform(2.2, 3.2),
        neck=rng.uniform(20, 29), neck_width=rng.uniform(8, 11),
        rise=rng.uniform(-60, -35) if grazing else rng.uniform(38, 68),
        head=rng.uniform(17, 21), skull=rng.uniform(5, 6), muzzle=rng.uniform(3.5, 4.5),
        droop=rng.uniform(40, 70) if grazing else rng.uniform(5, 32),
    )
    head, skull, angle = neck_and_head(
        rng, build, coat._replace(feet=coat.main * 0.6), iris=BLACK, nose=BLACK
    )
    back = skull - polar(angle, 3)
    ears = []
    for lift, hair in ((-75, coat.main * 0.7), (-130, coat.main * 0.95)):
        tip = back + polar(angle + lift - 25, rng.uniform(9, 12))
        ears.append(Part(limb([back, back * 0.5 + tip * 0.5, tip], [3, 5, 1]), hair))
    marks = []
    if rng.random() < 0.8:
        marks.append(Part(ellipse(-25, -2, 4, build.depth * 0.3), colour(225, 215, 200)))
    marks.append(tail_of(build, rng.uniform(6, 10), rng.uniform(-80, 30), 0, [4, 4, 2],
                       one_of(rng, [(230, 222, 210), (70, 55, 45)])))
    if rng.random() < 0.35:
        marks += patches(rng, build, coat.main * 0.4 + 140, int(rng.integers(8, 15)), 1.5)
    behind, before = [], []
    if horns:
        behind = _antler(rng, back - (1, 3), angle - 62, 0.7)
        before = _antler(rng, back - (1, 3), angle - 100, 1)
    far, near = legs(rng, build, coat, True), legs(rng, build, coat, False)
    return [*far, *behind, *trunk(rng, build, coat), *marks, *near, *ears, *head, *before]


def _antler(rng: Rng, root: np.ndarray, angle: float, dark: float, size: float = 1) -> list[Part]:
    """A beam that bends, with its tines."""
    hair = HORN * dark
    reach = rng.uniform(18, 28) * size
    bend = rng.choice([1, -1]) * rng.uniform(15, 40)
    middle = root + polar(angle - bend * 0.4, reach * 0.5)
    tip = middle + polar(angle + bend, reach * 0.55)
    parts = [Part(limb([root, middle, tip], [3.4 * size, 3 * size, 1.8 * size]), hair)]
    for share in (0.3, 0.6, 0.85)[: rng.integers(1, 4)]:
        start = root + (tip - root) * share + (middle - (root + tip) / 2) * (1 - abs(2 * share - 1))
        end = start + polar(angle + 40 * (1 if share < 0.8 else -1), reach * rng.uniform(0.25, 0.4))
        parts.append(Part(limb([start, end], [2.7 * size, 1.6 * size]), hair))
    return parts


def _face(rng: Rng, coat: Coat, horns: bool) -> list[Part]:
    """From ahead, on its neck."""
    w, h = rng.uniform(13, 16), rng.uniform(25, 30)
    parts = [Part(limb([(rng.uniform(-6, 6), 50), (0, 20), (0, 0)], [36, 26, 22]), coat.main * 0.8)]
    tip = rng.uniform(-h, -h * 0.6)
    for size, hair in ((1, coat.main * 0.85), (0.55, coat.belly * 0.5 + PINK * 0.45)):
        ear = limb([(w * 0.6, -h * 0.65), (w * 1.5, (tip - h * 0.65) / 2), (w * 2.4, tip)],
                   [6 * size, 13 * size, 2 * size])
        parts += [Part(ear, hair), Part(mirrored(ear), hair)]
    if horns:
        antler = _antler(rng, np.array([6, -h * 0.85]), -62, 0.95, 1.35)
        parts += antler + [Part(mirrored(p.outline), p.colour) for p in antler]
    face = smooth((-w, -h * 0.45), (0, -h), (w, -h * 0.45), (w * 0.62, h * 0.4),
                  (w * 0.5, h * 0.9), (0, h), (-w * 0.5, h * 0.9), (-w * 0.62, h * 0.4))
    parts += [Part(face, coat.main), Part(ellipse(0, h * 0.72, w * 0.48, h * 0.25), coat.belly)]
    for side in (1, -1):
        parts += eye(side * w * 0.78, -h * 0.25, 3.4, colour(50, 32, 22))
    parts.append(Part(ellipse(0, h * 0.72, w * 0.34, h * 0.1), BLACK))
    return moved(parts, angle=rng.uniform(-8, 8))
