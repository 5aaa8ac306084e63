"""What an avatar may be like, how often, and in which colours.

The form follows Google's Cartoon Set (https://google.github.io/cartoonset, CC BY 4.0): features
that were drawn once and are combined by chance, independently of each other. Of 2,565 of its
avatars 27 % are blond, 21 % red-haired, 21 % brown, 12 % black, 18 % grey and 1 % bald, 47 % wear
glasses or sunglasses, and 9 % have a background that is not white; ten colours of skin are about
as frequent as each other and the darkest is rare. These shares are taken over. That sunglasses are
few, and that a few people have hair or skin of a colour that nature has not, is this sample's own.
"""

from typing import NamedTuple

import numpy as np

from vaepipe.datasets.samples.outlines import Rng

Colour = tuple[int, int, int]


class Tone(NamedTuple):
    """A colour that has a name."""

    share: float
    """Relative to the others of its table."""
    colour: Colour


FACE_COLOURS = {
    "porcelain": Tone(11, (252, 224, 211)),
    "fair": Tone(12, (248, 209, 180)),
    "rosy": Tone(11, (240, 168, 148)),
    "sand": Tone(12, (238, 200, 144)),
    "golden": Tone(11, (220, 166, 108)),
    "tan": Tone(11, (198, 136, 90)),
    "caramel": Tone(10, (170, 112, 76)),
    "brown": Tone(9, (136, 86, 62)),
    "umber": Tone(6, (106, 66, 50)),
    "ebony": Tone(2, (76, 48, 40)),
    "green": Tone(0.6, (150, 200, 120)),
    "blue": Tone(0.6, (130, 180, 222)),
}

HAIR_COLOURS = {
    "blond": Tone(26, (242, 200, 96)),
    "brown": Tone(21.5, (118, 72, 44)),
    "red": Tone(20, (206, 84, 40)),
    "grey": Tone(17.5, (178, 184, 190)),
    "black": Tone(12, (44, 38, 42)),
    "pink": Tone(1.6, (240, 128, 176)),
    "blue": Tone(1.4, (72, 124, 214)),
}

EYE_COLOURS = {
    "brown": Tone(42, (112, 68, 36)),
    "blue": Tone(25, (66, 132, 200)),
    "green": Tone(18, (84, 152, 84)),
    "grey": Tone(13, (132, 142, 150)),
    "violet": Tone(2, (140, 84, 190)),
}

GLASSES_COLOURS = {
    "black": Tone(30, (42, 42, 48)),
    "brown": Tone(20, (122, 78, 44)),
    "red": Tone(15, (204, 54, 58)),
    "blue": Tone(15, (50, 110, 190)),
    "gold": Tone(10, (222, 178, 62)),
    "white": Tone(10, (246, 246, 246)),
}

SHARES = {
    "face_colour": {word: tone.share for word, tone in FACE_COLOURS.items()},
    "face_shape": {"oval": 30, "round": 20, "square": 20, "long": 15, "heart": 15},
    "hair": {
        "parted": 11,
        "long": 10,
        "bob": 10,
        "curly": 9,
        "fringe": 9,
        "wavy": 8,
        "quiff": 7,
        "buzz": 6,
        "spiky": 5,
        "bun": 5,
        "ponytail": 5,
        "pigtails": 4,
        "ringlets": 4,
        "afro": 4,
        "receding": 2,
        "bald": 1.2,
        "mohawk": 0.8,
    },
    "hair_colour": {word: tone.share for word, tone in HAIR_COLOURS.items()},
    "eyes": {"almond": 45, "round": 25, "lashes": 22, "sleepy": 8},
    "eye_colour": {word: tone.share for word, tone in EYE_COLOURS.items()},
    "eyebrows": {"arched": 35, "straight": 30, "thin": 20, "bushy": 15},
    "glasses": {"none": 53, "glasses": 40, "sunglasses": 7},
    "glasses_shape": {"round": 35, "square": 35, "cat_eye": 20, "heart": 10},
    "glasses_colour": {word: tone.share for word, tone in GLASSES_COLOURS.items()},
    "mouth": {"smile": 38, "grin": 32, "smirk": 12, "straight": 12, "surprised": 6},
    "facial_hair": {
        "none": 72,
        "stubble": 8,
        "moustache": 6,
        "goatee": 6,
        "beard": 6,
        "long_beard": 2,
    },
    "background": {"white": 91, "plain": 3, "gradient": 2, "rays": 1.5, "stripes": 1.5, "dots": 1},
}
"""Attributes, in the order of their columns: how often each value comes, relative to the others.

`hair_colour` is that of the eyebrows too, which all have. Without glasses they have neither a shape
nor a colour: "none".
"""


def draw_attributes(rng: Rng) -> dict[str, str]:
    """Draw what an avatar is like: the value of each attribute, independent of the others."""
    drawn = {name: _word(rng, shares) for name, shares in SHARES.items()}
    if drawn["glasses"] == "none":
        drawn |= {"glasses_shape": "none", "glasses_colour": "none"}
    return drawn


def tinted(rng: Rng, tones: dict[str, Tone], word: str, spread: float) -> np.ndarray:
    """A named colour (3,), so much lighter or darker, as a share, and of a slightly other hue."""
    colour = np.array(tones[word].colour, float)
    return np.clip(colour * rng.uniform(1 - spread, 1 + spread) + rng.uniform(-4, 4, 3), 0, 255)


def _word(rng: Rng, shares: dict[str, float]) -> str:
    ends = np.cumsum(list(shares.values()))
    return list(shares)[int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))]
