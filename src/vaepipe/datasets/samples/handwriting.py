"""Draw handwriting-like characters, the project's own, that stand in for EMNIST.

A character is one of the allographs of the module `glyphs`, deformed as hands and pens deform it
and then processed as EMNIST processed its scans (Cohen, Afshar, Tapson & van Schaik, "EMNIST: an
extension of MNIST to handwritten letters", 2017, arXiv:1702.05373, section II-A). The same seed
gives the same bytes on every processor: see the module `exact`.
"""

from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.interpolate import CubicSpline

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples.exact import cos, exp, normal, product, sin
from vaepipe.datasets.samples.glyphs import Stroke, class_allographs

CANVAS = 120
"""Side of the square canvas in pixels."""

LENGTH = 64
"""Longer side of a character's centre line on the canvas, in pixels."""

HEIGHT = 57.0
"""Median height of a capital letter on the scan, in its pixels: sets how soft edges are."""

PEN = 7.6
"""Median width of the pen on the scan, in its pixels: sets how much ink there is."""

FREE = 80.0
"""Distance from which control points stray independently of each other, in glyph units."""

STEP = 7.0
"""Distance between neighbouring points of a drawn curve, in glyph units (hundredths)."""

GRID = 2.0**-20
"""To which the shares of control points in a curve are rounded, since solvers differ beyond."""


class Form(NamedTuple):
    """An allograph ready to be deformed: K control points, S strokes, M points on its curves."""

    points: np.ndarray
    """Control points (K, 2) in glyph units."""
    room: np.ndarray
    """How far each control point may stray, 0..1: less where points are close (K, 1)."""
    stroke: np.ndarray
    """Stroke of each control point (K,)."""
    ends: np.ndarray
    """First and last control point of each stroke, with its neighbour: (2S, 2) indices."""
    curve: np.ndarray
    """Matrix (M, K) that takes control points to points on the curves."""
    breaks: np.ndarray
    """Index in 0..M of the first curve point of each stroke but the first (S - 1,)."""


def draw_characters(labels: np.ndarray, seed: int, *, offset: int = 0) -> np.ndarray:
    """Draw one upright character for each label: uint8 (n, 28, 28), white (255) on black (0).

    Args:
        labels: classes (n,), indices into `formats.characters.CLASSES`.
        seed: seed of the whole set, not negative.
        offset: index of the first character in the set. Character i of the set depends on seed,
            i and its label only, so that a set may be drawn in parts.
    """
    labels = np.asarray(labels)
    for label in np.unique(labels):
        if not 0 <= label < len(CLASSES):
            raise ValueError(f"label {label} is outside 0..{len(CLASSES) - 1}")
    images = np.zeros((len(labels), 28, 28), np.uint8)
    for i, label in enumerate(labels):
        images[i] = _draw(int(label), np.random.default_rng([seed, offset + i]))
    return images


def _draw(label: int, rng: np.random.Generator) -> np.ndarray:
    """Draw one character: uint8 (28, 28).

    The pen is as wide whatever is written, so small characters are bold and blurred after
    the enlargement. `pixel` is a pixel of the scan in pixels of the canvas.
    """
    forms, probabilities = _forms(label)
    form = forms[np.searchsorted(probabilities, rng.random(), side="right")]
    points = _bend(product(form.curve, _scribble(form, rng)), rng)
    low, high = points.min(0), points.max(0)
    zoom = LENGTH / (high - low).max()
    pen, height = np.array([PEN, HEIGHT]) * exp(np.array([0.18, 0.22]) * normal(rng, 2))
    pixel = float(zoom * 100 / height)
    strokes = np.split((points - (low + high) / 2) * zoom, form.breaks)
    return _as_emnist(_rasterise(strokes, pen * pixel), blur=pixel)


@cache
def _forms(label: int) -> tuple[list[Form], np.ndarray]:
    """Return the forms of a class and their cumulative probabilities."""
    weights, allographs = zip(*class_allographs(CLASSES[label]), strict=True)
    return [_form(strokes) for strokes in allographs], np.cumsum(weights) / np.sum(weights)


def _form(strokes: list[Stroke]) -> Form:
    """Join the strokes of an allograph into one form."""
    points = [np.array(stroke.points) for stroke in strokes]
    curves = [_spline(p, stroke.corners) for p, stroke in zip(points, strokes, strict=True)]
    sizes = [len(p) for p in points]
    first = np.cumsum([0, *sizes[:-1]])
    last = np.cumsum(sizes) - 1
    ends = np.concatenate([np.stack([first, first + 1], 1), np.stack([last, last - 1], 1)])
    curve = np.zeros((sum(len(c) for c in curves), sum(sizes)))
    breaks = np.cumsum([len(c) for c in curves])
    for c, row, column in zip(curves, breaks, first, strict=True):
        curve[row - len(c) : row, column : column + c.shape[1]] = np.rint(c / GRID) * GRID
    room = np.concatenate([_room(p) for p in points])
    stroke = np.repeat(np.arange(len(strokes)), sizes)
    return Form(np.concatenate(points), room, stroke, ends, curve, breaks[:-1])


def _room(points: np.ndarray) -> np.ndarray:
    """Return how far the points (k, 2) of a stroke may stray without kinks, 0..1: (k, 1)."""
    distance = np.linalg.norm(np.diff(points, axis=0), axis=1)
    nearest = np.minimum(np.append(distance, np.inf), np.append(np.inf, distance))
    return np.minimum(1, nearest / FREE)[:, None]


def _spline(points: np.ndarray, corners: list[bool]) -> np.ndarray:
    """Return the matrix (m, k) from k control points to m points on their curve.

    Between corners the curve is a natural cubic spline with the centripetal parameter: the
    square root of the distance between control points (Lee, 1989).
    """
    distance = np.linalg.norm(np.diff(points, axis=0), axis=1)
    knots = np.concatenate([[0], np.cumsum(np.sqrt(distance))])
    turns = [0, *(i for i in range(1, len(points) - 1) if corners[i]), len(points) - 1]
    parts = []
    for a, b in pairwise(turns):
        steps = int(np.ceil(distance[a:b].sum() / STEP)) + 1
        part = np.zeros((steps + 1, len(points)))
        spline = CubicSpline(knots[a : b + 1], np.eye(b - a + 1), bc_type="natural")
        part[:, a : b + 1] = spline(np.linspace(knots[a], knots[b], steps + 1))
        parts.append(part)
    return np.concatenate(parts)


def _scribble(form: Form, rng: np.random.Generator) -> np.ndarray:
    """Return the control points (K, 2) as a hand places them: never twice in the same place.

    Every point and every stroke misses its place a little, and strokes begin and end a little
    early or late, which leaves gaps and overshoots where they meet.
    """
    care = exp(0.3 * normal(rng, 1))
    points = form.points + form.room * (3.5 * care * normal(rng, form.points.shape))
    points += (2.5 * care * normal(rng, (form.stroke[-1] + 1, 2)))[form.stroke]
    end, neighbour = form.ends.T
    reach = 0.03 + 0.1 * normal(rng, (len(end), 1))
    points[end] += reach * (form.points[end] - form.points[neighbour])
    return points


def _bend(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Warp, stretch, slant and rotate points (M, 2), by random amounts.

    The warp is a sum of four plane waves of random direction, length and phase. Hands lean to
    the right and write wider than the glyphs: the means of slant and stretch, like the spreads
    here and above, are set so that size, ink and softness are distributed as in EMNIST.
    """
    phase = product(points / 100, 2.8 * normal(rng, (2, 4))) + 2 * np.pi * rng.random(4)
    points = points + product(sin(phase), 3.0 * normal(rng, (4, 2)))
    width, slant, angle = np.array([0.12, 0.2, 0]) + np.array([0.2, 0.22, 0.08]) * normal(rng, 3)
    slanted = np.array([[exp(width), 0], [-slant, 1]])
    turned = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    return product(product(points, slanted), turned)


def _rasterise(strokes: list[np.ndarray], pen: float) -> Image.Image:
    """Draw strokes, each (m, 2) in pixels around the centre, with a round pen `pen` pixels wide."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    radius = pen / 2
    for stroke in strokes:
        xy = stroke + CANVAS / 2
        draw.line(xy.ravel().tolist(), 255, round(pen))
        for box in np.hstack([xy - radius, xy + radius]).tolist():
            draw.ellipse(box, 255)
    return image


def _as_emnist(ink: Image.Image, blur: float) -> np.ndarray:
    """Process a drawn character as EMNIST did its scans: uint8 (28, 28).

    Blur, crop to the character, centre in a square that leaves a border of 2 of 28 pixels,
    resize with bi-cubic interpolation and scale to 0..255.
    """
    ink = ink.filter(ImageFilter.GaussianBlur(blur))
    left, top, right, bottom = ink.getbbox()
    half = max(right - left, bottom - top) * 14 / 24
    x, y = (left + right) / 2, (top + bottom) / 2
    square = ink.crop((round(x - half), round(y - half), round(x + half), round(y + half)))
    pixels = np.asarray(square.resize((28, 28), Image.Resampling.BICUBIC), np.float32)
    return np.rint(pixels * (255 / pixels.max())).astype(np.uint8)
