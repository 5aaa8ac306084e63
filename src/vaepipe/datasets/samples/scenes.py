"""The backgrounds of the module `things`."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

from vaepipe.datasets.samples.outlines import Part, Rng, box, ellipse, limb, one_of, paint, smooth

SIDE = 128
"""Side of the square on which all is drawn, in pixels."""

SKIES = [(70, 120, 190), (110, 160, 215), (150, 165, 180), (185, 190, 195), (60, 85, 140)]
HAZES = [(185, 210, 230), (205, 205, 205), (225, 200, 170), (160, 190, 225), (235, 220, 205)]
GREENS = [(95, 130, 55), (125, 145, 75), (70, 100, 50), (150, 150, 85), (110, 120, 60)]
SANDS = [(205, 180, 135), (180, 155, 115), (220, 205, 170), (160, 130, 100)]
WATERS = [(60, 100, 130), (90, 130, 150), (55, 90, 115), (60, 115, 140), (120, 140, 150)]
STONES = [(110, 110, 112), (140, 138, 135), (85, 85, 90), (160, 155, 150)]
SOILS = [(115, 90, 60), (140, 100, 55), (90, 75, 55)]
SNOWS = [(225, 228, 235), (205, 212, 225)]
WALLS = [(215, 205, 190), (170, 175, 185), (190, 160, 130), (120, 135, 125), (150, 110, 100)]
FLOORS = [(150, 105, 70), (190, 175, 155), (110, 80, 60), (130, 130, 135), (160, 80, 75)]
HOUSES = [(150, 140, 130), (120, 120, 125), (170, 120, 95), (190, 185, 175)]
HILLS = [(95, 115, 110), (120, 130, 140), (80, 100, 60), (130, 115, 100)]
BARKS = [(70, 55, 45), (100, 90, 80), (45, 40, 35), (190, 185, 175)]
LEAVES = [(60, 90, 45), (45, 70, 40), (90, 110, 50), (110, 95, 55), (130, 140, 70), (150, 110, 50)]


def fill(image: np.ndarray, parts: list[Part]) -> np.ndarray:
    """Draw parts, in pixels, over an image (SIDE, SIDE, 3) of floats, which is left as it was."""
    drawn = Image.fromarray(np.clip(image, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(drawn)
    for outline, colour in parts:
        draw.polygon(_corners(outline), tuple(min(max(int(c), 0), 255) for c in colour.tolist()))
    return np.asarray(drawn, float)


def silhouette(parts: list[Part]) -> Image.Image:
    """Where parts are, in pixels: 255 there, 0 elsewhere."""
    drawn = Image.new("L", (SIDE, SIDE))
    draw = ImageDraw.Draw(drawn)
    for part in parts:
        draw.polygon(_corners(part.outline), 255)
    return drawn


def _corners(outline: np.ndarray) -> list[int]:
    """Whole pixels, lest polygons depend on the last bits of a float."""
    return np.rint(outline).astype(int).ravel().tolist()


def texture(rng: Rng, columns: int, rows: int) -> np.ndarray:
    """Smooth noise in -1..1 with so many cells across and down: (SIDE, SIDE)."""
    cells = rng.integers(0, 256, (rows + 1, columns + 1), dtype=np.uint8)
    smoothed = Image.fromarray(cells).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return np.asarray(smoothed, float) / 127.5 - 1


def _plane(
    rng: Rng, top: np.ndarray, foot: np.ndarray, grain: float, cells: tuple[int, int]
) -> np.ndarray:
    """A surface (SIDE, SIDE, 3) that turns from one colour to the other, with noise.

    Args:
        top: colour of the first row.
        foot: colour of the last row.
        grain: size of the noise, of 255.
        cells: of the noise, across and down; half of it is finer.
    """
    down = np.linspace(0, 1, SIDE)[:, None, None]
    noise = texture(rng, *cells) + 0.6 * texture(rng, cells[0] * 2, cells[1] * 2)
    return top + (foot - top) * down + grain * noise[:, :, None]


def _sky(rng: Rng) -> np.ndarray:
    sky = _plane(rng, one_of(rng, SKIES, 6), one_of(rng, HAZES, 6), rng.uniform(0, 6), (3, 3))
    if rng.random() < 0.6:
        cover = texture(rng, 3, 5) + 0.5 * texture(rng, 8, 11) + rng.uniform(-0.7, 0.5)
        cloud = np.clip(cover, 0, 1)[:, :, None] * rng.uniform(0.4, 0.95)
        sky = sky * (1 - cloud) + np.full(3, rng.uniform(190, 250)) * cloud
    return sky


def _over(upper: np.ndarray, lower: np.ndarray, horizon: float) -> np.ndarray:
    """The upper image above the horizon, and the lower one, squeezed, below."""
    row = min(max(round(horizon), 1), SIDE - 1)
    result = upper.copy()
    steps = np.arange(SIDE - row) * (SIDE - 1) // (SIDE - row)
    result[row:] = lower[steps]
    return result


def _far(rng: Rng, horizon: float) -> list[Part]:
    """What stands at the horizon: hills, trees, houses, or nothing."""
    kind = rng.choice(4, p=[0.25, 0.35, 0.2, 0.2])
    parts = []
    if kind == 0:
        for _ in range(rng.integers(1, 4)):
            x, w = rng.uniform(0, SIDE), rng.uniform(30, 90)
            top = horizon - rng.uniform(8, 32)
            slope, foot = (horizon + top) / 2, horizon + 3
            points = (
                (x - w, foot),
                (x - w * 0.4, slope),
                (x, top),
                (x + w / 2, slope),
                (x + w, foot),
            )
            parts.append(Part(smooth(*points), one_of(rng, HILLS)))
    elif kind == 1:
        leaf = one_of(rng, LEAVES[:4])
        high = rng.uniform(6, 26)
        for x in np.arange(-4, SIDE + 8, rng.uniform(7, 14)):
            r = rng.uniform(0.6, 1.2) * high
            if rng.random() < 0.85:
                tree = ellipse(x + rng.uniform(-4, 4), horizon - r * 0.6, rng.uniform(7, 13), r)
                parts.append(Part(tree, leaf * rng.uniform(0.75, 1.2)))
        parts.append(Part(box(0, horizon - high * 0.4, SIDE, horizon + 2), leaf * 0.85))
    elif kind == 2:
        x = -rng.uniform(0, 10)
        while x < SIDE:
            w, high = rng.uniform(14, 34), rng.uniform(12, 55)
            wall = one_of(rng, HOUSES)
            parts.append(Part(box(x, horizon - high, x + w, horizon + 2), wall))
            for wx in np.arange(x + 3, x + w - 4, 7):
                for wy in np.arange(horizon - high + 4, horizon - 5, 9):
                    parts.append(Part(box(wx, wy, wx + 3, wy + 4), wall * 0.6))
            x += w + rng.uniform(0, 12)
    return parts


def sky(rng: Rng, horizon: float) -> np.ndarray:
    """Nothing but the sky, wherever the horizon is."""
    return _sky(rng)


def _land(rng: Rng, horizon: float, ground: np.ndarray) -> np.ndarray:
    return _over(fill(_sky(rng), _far(rng, horizon)), ground, horizon)


def meadow(rng: Rng, horizon: float) -> np.ndarray:
    near = one_of(rng, GREENS)
    grass = _plane(rng, near * rng.uniform(0.8, 1.2), near, rng.uniform(8, 20), (9, 14))
    image = _land(rng, horizon, grass)
    if rng.random() < 0.2:
        rail = one_of(rng, [(110, 85, 60), (220, 220, 215)])
        y = horizon + rng.uniform(-12, 8)
        posts = [
            Part(box(x, y, x + 4, y + 26), rail) for x in np.arange(rng.uniform(0, 20), SIDE, 30)
        ]
        rails = [Part(box(0, y + k, SIDE, y + k + 3), rail) for k in (4, 14)]
        image = fill(image, posts + rails)
    return image


def sand(rng: Rng, horizon: float) -> np.ndarray:
    near = one_of(rng, SANDS)
    ground = _plane(rng, near * 1.05, near, rng.uniform(4, 12), (5, 10))
    if rng.random() < 0.5:
        return _land(rng, horizon, ground)
    shore = horizon + rng.uniform(6, 22)
    return _over(sea(rng, horizon), ground, shore)


def snow(rng: Rng, horizon: float) -> np.ndarray:
    near = one_of(rng, SNOWS, 5)
    return _land(rng, horizon, _plane(rng, near * 0.95, near, rng.uniform(3, 8), (4, 6)))


def road(rng: Rng, horizon: float) -> np.ndarray:
    stone = one_of(rng, STONES, 5)
    image = _land(rng, horizon, _plane(rng, stone * 1.1, stone * 0.9, rng.uniform(3, 9), (8, 12)))
    parts = []
    if rng.random() < 0.5:
        kerb = horizon + rng.uniform(2, 10)
        parts.append(Part(box(0, horizon, SIDE, kerb), one_of(rng, GREENS + STONES)))
    if rng.random() < 0.5:
        y = horizon + rng.uniform(0.2, 0.9) * (SIDE - horizon)
        parts += [
            Part(box(x, y, x + 22, y + 3), np.full(3, 225.0))
            for x in np.arange(-rng.uniform(0, 20), SIDE, 38)
        ]
    return fill(image, parts)


def sea(rng: Rng, horizon: float) -> np.ndarray:
    water = one_of(rng, WATERS)
    waves = _plane(rng, water * rng.uniform(1.0, 1.35), water * 0.9, rng.uniform(5, 16), (4, 18))
    above = _sky(rng)
    if rng.random() < 0.4:
        above = fill(above, _far(rng, horizon))
    return _over(above, waves, horizon)


def pond(rng: Rng, horizon: float) -> np.ndarray:
    water = one_of(rng, [*WATERS, (70, 85, 50), (60, 60, 45)])
    image = _plane(rng, water, water * rng.uniform(0.7, 1.3), rng.uniform(8, 20), (4, 12))
    leaf = one_of(rng, LEAVES)
    parts = []
    for _ in range(rng.integers(0, 7)):
        x, y, r = rng.uniform(0, SIDE), rng.uniform(0, SIDE), rng.uniform(8, 26)
        parts.append(Part(ellipse(x, y, r, r * 0.4), leaf * rng.uniform(0.8, 1.3)))
    return fill(image, parts)


def forest(rng: Rng, horizon: float) -> np.ndarray:
    leaf = one_of(rng, LEAVES)
    back = _plane(rng, leaf * rng.uniform(0.6, 1.4), leaf * 0.6, rng.uniform(12, 28), (7, 7))
    bark = one_of(rng, BARKS)
    trunks = []
    for _ in range(rng.integers(2, 9)):
        x, w = rng.uniform(0, SIDE), rng.uniform(3, 11)
        line = limb([(x, -6), (x + rng.uniform(-6, 6), horizon + 6)], [w * 0.8, w])
        trunks.append(Part(line, bark * rng.uniform(0.7, 1.2)))
    floor = one_of(rng, [*GREENS, *SOILS])
    ground = _plane(rng, floor * 0.85, floor, rng.uniform(8, 20), (8, 12))
    return _over(fill(back, trunks), ground, horizon)


def foliage(rng: Rng, horizon: float) -> np.ndarray:
    leaf = one_of(rng, LEAVES)
    image = _plane(rng, leaf * rng.uniform(0.6, 1.5), leaf * rng.uniform(0.5, 1.3), 14, (4, 4))
    parts = []
    for _ in range(rng.integers(10, 45)):
        x, y = rng.uniform(0, SIDE, 2)
        size, angle = rng.uniform(5, 16), rng.uniform(0, 180)
        blade = ellipse(x, y, size, size * rng.uniform(0.3, 0.8), angle)
        parts.append(Part(blade, leaf * rng.uniform(0.5, 1.7)))
    return fill(image, parts)


def room(rng: Rng, horizon: float) -> np.ndarray:
    wall, floor = one_of(rng, WALLS), one_of(rng, FLOORS)
    above = _plane(rng, wall * 1.05, wall * 0.9, 4, (3, 3))
    below = _plane(rng, floor * 0.85, floor, rng.uniform(3, 10), (12, 4))
    image = _over(above, below, horizon)
    parts = [Part(box(0, horizon - 4, SIDE, horizon), wall * 0.75)] * (rng.random() < 0.5)
    for _ in range(rng.integers(0, 4)):
        x, w, high = rng.uniform(-20, SIDE), rng.uniform(14, 50), rng.uniform(14, 70)
        top = rng.choice([horizon - high, rng.uniform(0, horizon - 10)])
        parts.append(Part(box(x, top, x + w, min(top + high, horizon + 6)), paint(rng) * 0.7 + 30))
    return fill(image, parts)


def studio(rng: Rng, horizon: float) -> np.ndarray:
    """Nothing but a wall, as behind goods in a catalogue, wherever the horizon is."""
    top = np.full(3, rng.uniform(120, 255)) + rng.uniform(-10, 10, 3)
    return _plane(rng, top, top * rng.uniform(0.75, 1.05), rng.uniform(0, 4), (2, 2))


Scene = Callable[[Rng, float], np.ndarray]
"""Draws (SIDE, SIDE, 3), 0..255 and a little beyond, with the horizon at this row."""
