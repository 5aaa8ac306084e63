"""The built-in sample of avatars: cartoon faces, drawn by the project itself, with attributes.

For what they are like, how often, and after which model, see `avatars.attributes`. What lies within
one value of an attribute varies too: the size, place and tilt of the head, the distance of the
eyes, the angle of the eyebrows, the breadth of the mouth, the tint of each colour. The same seed
gives the same bytes on every processor: see the module `exact`.
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from vaepipe.core.progress import track
from vaepipe.datasets.formats import zipped
from vaepipe.datasets.samples.avatars.attributes import (
    EYE_COLOURS,
    FACE_COLOURS,
    GLASSES_COLOURS,
    HAIR_COLOURS,
    draw_attributes,
    tinted,
)
from vaepipe.datasets.samples.avatars.background import background
from vaepipe.datasets.samples.avatars.eyes import eyebrows, eyes
from vaepipe.datasets.samples.avatars.glasses import glasses
from vaepipe.datasets.samples.avatars.hair import hair
from vaepipe.datasets.samples.avatars.head import head, nose, shape_of
from vaepipe.datasets.samples.avatars.mouth import facial_hair, mouth
from vaepipe.datasets.samples.outlines import Part, Rng, turned

SIDE = 96
"""Of a picture in pixels, as the Cartoon Set is often resized."""

FINE = 4
"""Pixels of the canvas on the side of a pixel of the picture."""

CENTRE = np.array([SIDE / 2, SIDE / 2])

MIDDLE = CENTRE + np.array([0, 4.5])
"""Where a face is centred: hair needs room above it."""

HANDS = (
    *("pose", "background", "skin", "tone", "iris", "frame", "shape", "head", "hair"),
    *("facial_hair", "mouth", "nose", "eyes", "eyebrows", "glasses"),
)
"""The random streams of an avatar."""


def write_avatars(target: Path, seed: int, train: int, test: int) -> None:
    """Write a zip archive of so many training and test avatars, with a table of their attributes.

    They are in the folders `train` and `test`; the same arguments give the same bytes everywhere.
    """
    wanted = [("test", i, seed, 1) for i in range(test)]
    wanted += [("train", i, seed, 0) for i in range(train)]
    table = {
        f"{split}/{which[0]:05d}.png": draw_attributes(_rng(*which)) for split, *which in wanted
    }
    whiches = track([which for _, *which in wanted], len(wanted), "drawing avatars", "picture")
    zipped.write_archive(target, table, (draw_avatar(*which)[0] for which in whiches))


def draw_avatar(index: int, seed: int, stream: int = 0) -> tuple[np.ndarray, dict[str, str]]:
    """Draw avatar `index` of a part of the sample, which depends on these three only.

    Args:
        index: number of the avatar, not negative.
        seed: seed of the whole sample, not negative.
        stream: part of the sample; no two parts share pictures.

    Returns:
        The picture, uint8 (96, 96, 3), and its attributes, in the order of `SHARES`.
    """
    rng = _rng(index, seed, stream)
    attributes = draw_attributes(rng)
    return draw(rng, attributes), attributes


def _rng(index: int, seed: int, stream: int) -> Rng:
    return np.random.default_rng([seed, stream, index])


def draw(rng: Rng, attributes: dict[str, str]) -> np.ndarray:
    """Draw an avatar that is like this: uint8 (96, 96, 3).

    Each part has a random stream of its own, so that for one seed another value of an attribute
    changes no other part.
    """
    hands = dict(zip(HANDS, rng.spawn(len(HANDS)), strict=True))
    behind = background(hands["background"], attributes["background"], SIDE / 2)
    person = _person(hands, attributes)
    turn, zoom = hands["pose"].uniform(-5, 5), hands["pose"].uniform(0.94, 1.1)
    place = MIDDLE + hands["pose"].uniform(-2.5, 2.5, 2)
    return _painted([*_placed(behind, 0, 1, CENTRE), *_placed(person, turn, zoom, place)])


def _person(hands: dict[str, Rng], attributes: dict[str, str]) -> list[Part]:
    skin = tinted(hands["skin"], FACE_COLOURS, attributes["face_colour"], 0.04)
    tone = tinted(hands["tone"], HAIR_COLOURS, attributes["hair_colour"], 0.13)
    iris = tinted(hands["iris"], EYE_COLOURS, attributes["eye_colour"], 0.1)
    shape = shape_of(hands["shape"], attributes["face_shape"])
    gap = hands["shape"].uniform(10.2, 12)
    hanging, lying = hair(hands["hair"], attributes["hair"], shape, tone)
    parts = [
        *hanging,
        *head(hands["head"], shape, skin),
        *facial_hair(hands["facial_hair"], attributes["facial_hair"], shape, skin, tone),
        *mouth(hands["mouth"], attributes["mouth"], skin),
        *nose(hands["nose"], skin),
        *eyes(hands["eyes"], attributes["eyes"], gap, iris, skin),
        *lying,
        *eyebrows(hands["eyebrows"], attributes["eyebrows"], gap, tone),
    ]
    if attributes["glasses"] == "none":
        return parts
    frame = tinted(hands["frame"], GLASSES_COLOURS, attributes["glasses_colour"], 0.06)
    kind, form = attributes["glasses"], attributes["glasses_shape"]
    return parts + glasses(hands["glasses"], kind, form, gap, shape.temples, frame)


def _placed(parts: list[Part], turn: float, zoom: float, place: np.ndarray) -> list[Part]:
    """Parts, turned and scaled about the origin, which is then at this place."""
    outlines, colours = zip(*parts, strict=True)
    points = turned(np.concatenate(outlines) * zoom, turn) + place
    ends = np.cumsum([len(outline) for outline in outlines])[:-1]
    return list(map(Part, np.split(points, ends), colours))


def _painted(parts: list[Part]) -> np.ndarray:
    """Parts, in pixels of the picture, as it shows them: their corners are whole, see `exact`."""
    canvas = Image.new("RGB", (SIDE * FINE, SIDE * FINE))
    draw = ImageDraw.Draw(canvas)
    for outline, colour in parts:
        corners = np.rint(outline * FINE).astype(int).ravel().tolist()
        draw.polygon(corners, tuple(np.rint(colour).astype(int).tolist()))
    return np.asarray(canvas.reduce(FINE))
