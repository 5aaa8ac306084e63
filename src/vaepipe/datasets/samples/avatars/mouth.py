"""Mouths, moustaches and beards."""

import numpy as np

from vaepipe.datasets.samples.avatars.head import Shape
from vaepipe.datasets.samples.avatars.ink import both, dark, inked, mixed, symmetric
from vaepipe.datasets.samples.outlines import Part, Rng, colour, ellipse, limb, smooth

# fmt: off

LIPS = colour(176, 72, 72)
INSIDE = colour(98, 30, 38)
TONGUE = colour(226, 110, 110)
TEETH = colour(252, 252, 248)

Y = 18.5
"""Of the mouth."""


def mouth(rng: Rng, name: str, skin: np.ndarray) -> list[Part]:
    """A mouth, more or less broad."""
    w = rng.uniform(0.85, 1.2)
    lips = mixed(dark(skin), LIPS, rng.uniform(0.35, 0.6) * skin[0] / 255)
    if name == "grin":
        deep = rng.uniform(5, 7.5)
        shape = smooth((-8.2 * w, -1.6), (-4, -0.6), (0, -0.3), (4, -0.6), (8.2 * w, -1.6),
                       (5.4 * w, deep * 0.62), (0, deep), (-5.4 * w, deep * 0.62))
        teeth = smooth((-7 * w, -0.9), (0, 0.2), (7 * w, -0.9), (5.4 * w, 1.9), (0, 2.6),
                       (-5.4 * w, 1.9))
        parts = [Part(shape * 1.09, lips), Part(shape, INSIDE),
                 Part(ellipse(0, deep * 0.72, 3.6 * w, deep * 0.22), TONGUE), Part(teeth, TEETH)]
    elif name == "surprised":
        shape = ellipse(0, 1, 3.4 * w, rng.uniform(3.2, 4.6))
        parts = [Part(shape * 1.25 - (0, 0.2), lips), Part(shape, INSIDE),
                 Part(ellipse(0, 3, 2 * w, 1.2), TONGUE)]
    elif name == "straight":
        bend = rng.uniform(-0.9, 0.5)
        line = limb([(-6.4 * w, -bend), (0, bend), (6.4 * w, -bend)], [0.8, 1.7, 0.8])
        parts = [Part(line, lips), _lower(lips, skin, w * 0.9, 3)]
    elif name == "smirk":
        side = rng.choice([-1, 1])
        line = limb([(-6 * w, 0.8), (0, 1.2), (5 * w, -0.8), (7.4 * w, -3)], [0.8, 1.7, 1.7, 0.7])
        parts = [Part(line * (side, 1), lips), _lower(lips, skin, w * 0.8, 4)]
    else:
        deep = rng.uniform(2.4, 4.2)
        line = limb([(-8 * w, -deep * 0.6), (-4.4 * w, deep * 0.6), (0, deep),
                     (4.4 * w, deep * 0.6),
                     (8 * w, -deep * 0.6)], [0.7, 1.6, 1.9, 1.6, 0.7])
        parts = [Part(line, lips), _lower(lips, skin, w, deep + 2.6)]
    return [Part(p.outline + np.array([0, Y]), p.colour) for p in parts]


def _lower(lips: np.ndarray, skin: np.ndarray, width: float, y: float) -> Part:
    """The shade under a lower lip."""
    return Part(limb([(-2.6 * width, y - 0.3), (0, y), (2.6 * width, y - 0.3)], [0.3, 0.9, 0.3]),
                mixed(skin, lips, 0.4))


def facial_hair(
    rng: Rng, name: str, shape: Shape, skin: np.ndarray, hair: np.ndarray
) -> list[Part]:
    """What lies under the mouth: a moustache, a beard or a shade of one."""
    full, dense = rng.uniform(0.9, 1.15), mixed(hair, hair * 0.36, 0.12)
    moustache = smooth((0, 12.6), (3.6, 11.6 - full * 0.4), (8.6, 14.6), (11.6 * full, 18.4),
                       (6.4, 17), (0, 15.6))
    if name == "stubble":
        return [Part(_beard(shape, 0), mixed(skin, hair * 0.6, rng.uniform(0.22, 0.36)))]
    if name == "moustache":
        return inked(dense, *both(moustache), pen=0.5)
    if name == "goatee":
        end = shape.end + rng.uniform(1, 4)
        tuft = smooth(*symmetric((0, 22.5), (5.4 * full, 22), (9.4 * full, 17), (10.6 * full, 20),
                                 (8.8 * full, end - 5), (4, end), (0, end + 1)))
        return inked(dense, tuft, *both(moustache), pen=0.5)
    if name == "beard":
        return inked(dense, _beard(shape, rng.uniform(1, 3)), *both(moustache), pen=0.6)
    if name == "long_beard":
        return inked(dense, _beard(shape, rng.uniform(9, 14)), *both(moustache), pen=0.6)
    return []


def _beard(shape: Shape, longer: float) -> np.ndarray:
    """From ear to ear around the jaw, and so far beyond the chin."""
    out = 0.8 if longer else -0.7
    drop = longer * 0.7
    return smooth(
        *symmetric(
            (0, 13), (7, 12.8), (shape.cheeks * 0.6, 16.5), (shape.cheeks * 0.87, 10.5),
            (shape.temples - 1.3, 0), (shape.temples + out - 0.3, 0), (shape.cheeks + out, 10),
            (shape.jaw + out, shape.end - 10 + drop / 2), (shape.chin + out, shape.end - 2 + drop),
            (0, shape.end + longer + out),
        )
    )
