"""The hand and the pen: how a shape of strokes is written, never twice alike, and inked.

The same seed gives the same ink on every processor: see the module `exact`.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw
from scipy.interpolate import CubicSpline

from vaepipe.datasets.samples.exact import cos, exp, normal, product, sin
from vaepipe.datasets.samples.glyphs import Stroke

CANVAS = 120
"""Side of the square canvas in pixels."""

LENGTH = 64
"""Longer side of a character's centre line on the canvas, in pixels."""

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


class Forms(NamedTuple):
    """The ways in which a character is written."""

    forms: list[Form]
    shares: np.ndarray
    """Cumulative probabilities of the forms (n,), the last of them 1."""

    @classmethod
    def of(cls, allographs: Iterable[tuple[float, list[Stroke]]]) -> "Forms":
        weights, shapes = zip(*allographs, strict=True)
        return cls([_form(strokes) for strokes in shapes], np.cumsum(weights) / np.sum(weights))

    def choose(self, rng: np.random.Generator) -> Form:
        return self.forms[np.searchsorted(self.shares, rng.random(), side="right")]


class Hands(NamedTuple):
    """How people distort what they write, as normal distributions: (mean, spread) of each.

    `width` is the logarithm of the stretch to the right, `slant` the tangent of the lean to the
    right, `angle` the turn to the left in radians.
    """

    width: tuple[float, float]
    slant: tuple[float, float]
    angle: tuple[float, float]


def write(forms: Forms, hands: Hands, rng: np.random.Generator) -> tuple[list[np.ndarray], float]:
    """Write a character: its strokes, each (m, 2) in pixels around the centre of the canvas.

    Also returns the zoom: pixels of the canvas per glyph unit.
    """
    form = forms.choose(rng)
    points = _bend(product(form.curve, _scribble(form, rng)), hands, rng)
    low, high = points.min(0), points.max(0)
    zoom = LENGTH / (high - low).max()
    return np.split((points - (low + high) / 2) * zoom, form.breaks), zoom


def ink(strokes: list[np.ndarray], pen: float) -> Image.Image:
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


def _bend(points: np.ndarray, hands: Hands, rng: np.random.Generator) -> np.ndarray:
    """Warp, stretch, slant and rotate points (M, 2), by random amounts.

    The warp is a sum of four plane waves of random direction, length and phase.
    """
    phase = product(points / 100, 2.8 * normal(rng, (2, 4))) + 2 * np.pi * rng.random(4)
    points = points + product(sin(phase), 3.0 * normal(rng, (4, 2)))
    mean, spread = np.array(hands).T
    width, slant, angle = mean + spread * normal(rng, 3)
    slanted = np.array([[exp(width), 0], [-slant, 1]])
    turned = np.array([[cos(angle), sin(angle)], [-sin(angle), cos(angle)]])
    return product(product(points, slanted), turned)
