"""The built-in sample of things: small pictures like CIFAR-10's, drawn by the project itself.

A picture shows a thing of its class, see `shapes`, before a background, see `scenes`, in some
light and through some lens. Classes share their backgrounds, as they do in the photographs of
Krizhevsky, "Learning multiple layers of features from tiny images", 2009. The same seed gives the
same bytes on every processor: see the module `exact`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from vaepipe.core.progress import track
from vaepipe.datasets.formats import cifar
from vaepipe.datasets.samples.exact import normal
from vaepipe.datasets.samples.outlines import BLACK, Part, Rng, ellipse, turned
from vaepipe.datasets.samples.scenes import (
    SIDE,
    Scene,
    fill,
    foliage,
    forest,
    meadow,
    pond,
    road,
    room,
    sand,
    sea,
    silhouette,
    sky,
    snow,
    studio,
    texture,
)
from vaepipe.datasets.samples.shapes import (
    airplane,
    automobile,
    bird,
    cat,
    deer,
    dog,
    frog,
    horse,
    ship,
    truck,
)

PIXELS = 32
"""Side of a picture."""

BATCHES = 5
"""Of the training pictures, as in CIFAR-10's archive."""


class Kind(NamedTuple):
    """Things of a class that are found in the same places."""

    share: float
    """Of the class, relative to its other kinds."""
    draw: Callable[[Rng], list[Part]]
    """Draws one that faces right."""
    stands: bool
    """Whether it stands or swims under the horizon, with a shadow or a reflection."""
    scenes: dict[Scene, float]
    """Where it is found, and how often relative to other places."""


OUTSIDE = {road: 5, meadow: 2, sand: 1, snow: 0.8, forest: 0.7, studio: 1}

CLASSES: dict[str, list[Kind]] = {
    "airplane": [
        Kind(4, airplane.airplane, False, {sky: 5, sea: 2, meadow: 1.5, studio: 0.5, forest: 0.5}),
        Kind(1.5, airplane.parked, True, {road: 4, meadow: 1.5, snow: 0.7, studio: 0.4}),
    ],
    "automobile": [Kind(1, automobile.automobile, True, OUTSIDE)],
    "bird": [
        Kind(3, bird.flying, False, {sky: 3, sea: 2.5, meadow: 1, forest: 1, sand: 0.5}),
        Kind(3, bird.perched, False, {foliage: 4, sky: 3, forest: 1.5, studio: 0.5}),
        Kind(2, bird.standing, True, {meadow: 3, sand: 2, snow: 1, road: 1, pond: 0.7, sea: 0.7}),
        Kind(1, bird.swimming, True, {pond: 2, sea: 2}),
    ],
    "cat": [
        Kind(
            1,
            cat.cat,
            True,
            {room: 5, meadow: 1.5, road: 1, foliage: 1, snow: 0.5, studio: 0.7, sand: 0.3},
        ),
    ],
    "deer": [
        Kind(
            1,
            deer.deer,
            True,
            {meadow: 4, forest: 3, snow: 1.2, sand: 0.7, foliage: 1, road: 0.5, studio: 0.3},
        ),
    ],
    "dog": [
        Kind(
            1,
            dog.dog,
            True,
            {room: 3, meadow: 3, sand: 1, snow: 1, road: 1, forest: 0.7, studio: 0.7},
        ),
    ],
    "frog": [
        Kind(
            1,
            frog.frog,
            True,
            {pond: 2.5, foliage: 2.5, meadow: 1.5, forest: 1, sand: 1, studio: 1, room: 0.8},
        ),
    ],
    "horse": [
        Kind(
            1,
            horse.horse,
            True,
            {meadow: 4.5, sand: 1.7, forest: 1.3, road: 1, snow: 0.8, studio: 0.4},
        ),
    ],
    "ship": [Kind(1, ship.ship, True, {sea: 1})],
    "truck": [Kind(1, truck.truck, True, OUTSIDE)],
}
"""The classes, in CIFAR-10's order."""


def write_cifar(path: Path, seed: int, train_per_class: int, test_per_class: int) -> None:
    """Write an archive in CIFAR-10's binary form, with all ten classes in random order."""
    train, test = draw_sample(seed, train_per_class, test_per_class)
    labels, images = (np.array_split(part, BATCHES) for part in train)
    cifar.write_archive(path, list(zip(labels, images, strict=True)), test)


def draw_sample(
    seed: int, train_per_class: int, test_per_class: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Draw the training and the test pictures: see `draw_things` for each of the two."""
    counts = train_per_class, test_per_class
    return [draw_things(count, seed, stream) for stream, count in enumerate(counts)]


def draw_things(per_class: int, seed: int, stream: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw so many pictures of every class, in random order.

    Args:
        per_class: number of pictures.
        seed: seed of the whole sample, not negative.
        stream: part of the sample; no two parts share pictures.

    Returns:
        Labels (n,), which number `CLASSES`, and images (n, 32, 32, 3), both uint8.
    """
    order = np.random.default_rng([seed, stream, len(CLASSES)])
    places = order.permutation(per_class * len(CLASSES))
    labels = (places % len(CLASSES)).astype(np.uint8)
    images = np.zeros((len(places), PIXELS, PIXELS, 3), np.uint8)
    for i, place in enumerate(track(places.tolist(), len(places), "drawing things", "picture")):
        images[i] = draw_thing(labels[i], place // len(CLASSES), seed, stream)
    return labels, images


def draw_thing(label: int, index: int, seed: int, stream: int = 0) -> np.ndarray:
    """Draw picture `index` of a class, which depends on these four only: uint8 (32, 32, 3)."""
    rng = np.random.default_rng([seed, stream, label, index])
    kinds = list(CLASSES.values())[label]
    kind = kinds[_choice(rng, [kind.share for kind in kinds])]
    scene = list(kind.scenes)[_choice(rng, list(kind.scenes.values()))]
    parts, foot = _place(kind.draw(rng), rng, kind.stands)
    horizon = min(max(foot - SIDE * rng.uniform(0.08, 0.6), SIDE * 0.1), SIDE * 0.9)
    behind = _blur(scene(rng, horizon), rng.uniform(0.5, 4.5))
    if kind.stands:
        shade = _reflect if scene in (sea, pond) else _shadow
        behind = shade(behind, parts, foot, rng)
    return _photograph(_light(behind, parts, rng), rng)


def _choice(rng: Rng, shares: list[float]) -> int:
    ends = np.cumsum(shares)
    return int(np.searchsorted(ends, rng.random() * ends[-1], side="right"))


def _place(parts: list[Part], rng: Rng, stands: bool) -> tuple[list[Part], float]:
    """Bring a thing into the picture, in pixels, and say in which row its foot is."""
    tilt = rng.uniform(-1, 1) * (3 if stands else 10)
    stretch = np.array([rng.choice([-1, 1]), 1]) * rng.uniform(0.88, 1.12, 2)
    parts = [Part(turned(p.outline, tilt) * stretch, p.colour) for p in parts]
    points = np.concatenate([p.outline for p in parts])
    low, high = points.min(0), points.max(0)
    share = rng.uniform(1.0, 1.2) if rng.random() < 0.08 else rng.uniform(0.76, 1.0)
    zoom = share * SIDE / max(high - low)
    width, height = (high - low) * zoom
    left = rng.uniform(0.1, 0.9) * (SIDE - width)
    foot = height + rng.uniform(0.7 if stands else 0.1, 0.95) * (SIDE - height)
    shift = np.array([left, foot - height]) - low * zoom
    return [Part(p.outline * zoom + shift, p.colour) for p in parts], foot


def _blur(image: np.ndarray, radius: float) -> np.ndarray:
    """Blur an image (a, b, 3)."""
    drawn = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    return np.asarray(drawn.filter(ImageFilter.GaussianBlur(radius)), float)


def _shadow(scene: np.ndarray, parts: list[Part], foot: float, rng: Rng) -> np.ndarray:
    x = np.concatenate([p.outline[:, 0] for p in parts])
    half = (x.max() - x.min()) / 2
    middle = (x.max() + x.min()) / 2 + rng.uniform(-0.3, 0.3) * half
    patch = ellipse(middle, foot - 2, half * 0.95, rng.uniform(3, 9))
    shade = silhouette([Part(patch, BLACK)]).filter(ImageFilter.GaussianBlur(3))
    return scene * (1 - rng.uniform(0.1, 0.6) / 255 * np.asarray(shade, float)[:, :, None])


def _reflect(scene: np.ndarray, parts: list[Part], foot: float, rng: Rng) -> np.ndarray:
    upside_down = [Part(p.outline * (1, -1) + (0, 2 * foot - 2), p.colour * 0.9) for p in parts]
    strength = rng.uniform(0.1, 0.6)
    return scene * (1 - strength) + _blur(fill(scene, upside_down), 2.5) * strength


def _light(scene: np.ndarray, parts: list[Part], rng: Rng) -> np.ndarray:
    """Draw a thing before a scene, its surface rounded: bright where it faces the light."""
    mask = silhouette(parts)
    low = mask.reduce(4).filter(ImageFilter.GaussianBlur(rng.uniform(1, 2.3)))
    relief = np.asarray(low.resize(mask.size, Image.Resampling.BILINEAR), float) / 255
    down, right = np.rint([rng.uniform(-6, 0), rng.uniform(-6, 6)]).astype(int)
    slope = relief - np.roll(relief, (-down, -right), (0, 1))
    grain = rng.uniform(0.01, 0.07) * texture(rng, 21, 21)
    lit = fill(scene, parts) * (1 + rng.uniform(0.3, 1.1) * slope + grain)[:, :, None]
    return np.where(np.asarray(mask)[:, :, None] > 0, lit, scene)


def _photograph(scene: np.ndarray, rng: Rng) -> np.ndarray:
    """Take a picture, uint8 (32, 32, 3), of a scene (SIDE, SIDE, 3), 0..255 and beyond.

    Light falls off across it, in some direction. Exposure, contrast and the balance of colours
    vary, the lens blurs a little and the sensor adds its noise.
    """
    fine = _reduced(scene, SIDE // (2 * PIXELS))
    across = np.linspace(-1, 1, len(fine))
    fall = rng.uniform(-0.15, 0.15, 2)
    light = (1 + fall[0] * across[:, None] + fall[1] * across)[:, :, None]
    balance = rng.uniform(0.85, 1.2) * rng.uniform(0.94, 1.06, 3)
    seen = 125 + rng.uniform(0.9, 1.3) * (fine * light * balance - 125) + rng.uniform(-10, 25)
    small = _reduced(_blur(seen, rng.uniform(0, 0.8)), 2)
    noise = rng.uniform(1, 4.5) * normal(rng, small.shape)
    return np.clip(np.rint(small + noise), 0, 255).astype(np.uint8)


def _reduced(image: np.ndarray, factor: int) -> np.ndarray:
    """An image (a, b, 3), smaller by a factor."""
    return np.asarray(
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).reduce(factor), float
    )
