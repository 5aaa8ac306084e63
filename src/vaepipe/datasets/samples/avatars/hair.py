"""Hair: of each style what hangs behind the head, and what lies on it."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from vaepipe.datasets.samples.avatars.head import WIDTH, Shape
from vaepipe.datasets.samples.avatars.ink import both, dark, inked, mixed, symmetric
from vaepipe.datasets.samples.outlines import (
    Part,
    Point,
    Rng,
    colour,
    ellipse,
    limb,
    mirrored,
    polygon,
    smooth,
)

# fmt: off

WHITE = colour(255, 255, 255)


Layers = tuple[list[Part], list[Part]]
"""Hair that is drawn behind the head, and hair that is drawn over the face."""


def hair(rng: Rng, name: str, shape: Shape, tone: np.ndarray) -> Layers:
    """Hair of a style, in a colour, on a head of this shape."""
    broad = np.array([shape.temples / WIDTH, 1.0])
    behind, front = ([Part(p.outline * broad, p.colour) for p in parts]
                     for parts in STYLES[name](rng, tone))
    return behind, front


def _cap(lift: float, *hairline: Point, side: float = -3, ears: float = 0) -> np.ndarray:
    """What covers the skull, so far above it, down to its hairline from left to right.

    It ends at the height `side`, and stands out so far to cover ears.
    """
    foot = 26 + lift * 0.3 + ears
    over = [(foot, side), (25.8 + ears * 0.3 + lift * 0.45, -12),
            (21.5 + lift * 0.5, -24 - lift * 0.5),
            (12, -31 - lift * 0.9), (0, -32.6 - lift), (-12, -31 - lift * 0.9),
            (-21.5 - lift * 0.5, -24 - lift * 0.5), (-25.8 - ears * 0.3 - lift * 0.45, -12),
            (-foot, side)]
    return smooth(*over, *hairline)


def _sheen(tone: np.ndarray, *lines: Sequence[Point], width: float = 1.5) -> list[Part]:
    """Where the light falls on hair."""
    light = mixed(tone, WHITE, 0.34)
    return [Part(limb(line, [0.3, *[width] * (len(line) - 2), 0.3]), light) for line in lines]


def _strands(tone: np.ndarray, *lines: Sequence[Point], width: float = 0.9) -> list[Part]:
    """Lines between strands of hair."""
    return [Part(limb(line, [0.2, *[width] * (len(line) - 2), 0.2]), mixed(tone, dark(tone), 0.6))
            for line in lines]


def _curls(
    rng: Rng, tone: np.ndarray, places: Sequence[Point], low: float, high: float
) -> list[Part]:
    """Curls around places, of radii between these, each with a lighter and a darker turn."""
    spots = [(x + rng.uniform(-0.8, 0.8), y + rng.uniform(-0.8, 0.8), rng.uniform(low, high))
             for x, y in places]
    turns = []
    for x, y, r in spots:
        tilt = rng.uniform(-1, 1)
        hook = [(x - r * 0.5, y + r * 0.1), (x - r * 0.1, y - r * 0.5 + tilt), (x + r * 0.45, y)]
        turns += _strands(tone, hook) if rng.random() < 0.4 else []
        shine = [(px, py - 1.6) for px, py in hook]
        turns += _sheen(tone, shine, width=1.1) if rng.random() < 0.35 else []
    return [*inked(tone, *(ellipse(*spot) for spot in spots)), *turns]


def _along(*points: Point, step: float) -> list[Point]:
    """Places on straight lines from point to point, about so far apart."""
    places = []
    for (x, y), (u, v) in pairwise(points):
        count = max(1, round(float(np.sqrt((u - x) ** 2 + (v - y) ** 2)) / step))
        places += [(x + (u - x) * i / count, y + (v - y) * i / count) for i in range(count)]
    return [*places, points[-1]]


def _bald(rng: Rng, tone: np.ndarray) -> Layers:
    return [], []


def _receding(rng: Rng, tone: np.ndarray) -> Layers:
    low, high = rng.uniform(-3, 1), rng.uniform(-19, -15)
    side = smooth((25.6, low), (22.4, low - 1), (21.6, -8), (19.6, -13), (20.4, high - 4),
                  (23.6, high - 2), (26.8, -10))
    return [], inked(tone, *both(side))


def _buzz(rng: Rng, tone: np.ndarray) -> Layers:
    y = rng.uniform(-22, -19)
    cap = _cap(rng.uniform(0.3, 1.2), (-23.4, -3), (-21.4, -11), (-18, y + 2), (-9, y - 1),
               (0, y - 0.4),
               (9, y - 1), (18, y + 2), (21.4, -11), (23.4, -3))
    return [], [*inked(tone, cap), *_sheen(tone, [(-12, -28), (-4, -30), (4, -29.6)])]


def _parted(rng: Rng, tone: np.ndarray) -> Layers:
    x, lift = rng.uniform(-15, -9), rng.uniform(3, 6)
    cap = _cap(lift, (-23.4, -2), (-21.6, -11), (-18.4, -17), (x, -24), (x + 9, -20.4), (8, -18),
               (17, -16.4), (21.6, -10), (23.4, -2))
    part = [(x, -24), (x + 1.4, -28), (x + 4, -31.5 - lift * 0.8)]
    flow = [(x + 6, -24.4), (4, -28), (16, -24)]
    parts = [*inked(tone, cap), *_strands(tone, part), *_strands(tone, flow),
             *_sheen(tone, [(x + 8, -28.6), (5, -32), (14, -29)])]
    return [], _either(rng, parts)


def _quiff(rng: Rng, tone: np.ndarray) -> Layers:
    high, lean = rng.uniform(-46, -41), rng.uniform(0, 5)
    sides = _cap(1, (-23.4, -3), (-21.6, -11), (-18, -19), (0, -22), (18, -19), (21.6, -11),
                 (23.4, -3))
    tuft = smooth((-20.4, -20), (-24, -29), (-17, high + 6), (-2 + lean, high),
                  (14 + lean, high + 1),
                  (24, high + 9), (24, -27), (19.6, -19), (12, -22.4), (0, -20.4), (-11, -22.4))
    lines = [[(-8, -24), (-6, -31), (2 + lean, high + 5)], [(4, -23.6), (8, -31),
                                                            (13 + lean, high + 7)]]
    parts = [*inked(tone, sides), *inked(tone, tuft), *_strands(tone, *lines),
             *_sheen(tone, [(-15, -27), (-13, -33), (-4, high + 4)])]
    return [], _either(rng, parts)


def _spiky(rng: Rng, tone: np.ndarray) -> Layers:
    tips, lean = [], rng.uniform(-3, 3)
    roots = np.linspace(26, -26, 8)
    for root, following in pairwise(roots):
        middle = (root + following) / 2
        bow = 1 - (middle / 29) ** 2
        tips += [(root, -10 - 24 * (1 - (root / 29) ** 2)),
                 (middle * 1.16 + lean, -17 - 26 * bow - rng.uniform(0, 4))]
    line = [(-26, -3), (-23.4, -3), (-21.4, -12), (-17, -18), (-12, -16.6), (-8, -22), (-2, -17.6),
            (3, -22), (8, -17), (13, -21), (18, -17), (21.4, -12), (23.4, -3), (26, -3)]
    crown = polygon(*tips, (-26, -10), *line, (26, -10))
    return [], [*inked(tone, crown),
                *_strands(tone, [(-9, -26), (-8, -30), (-8 + lean, -35)], [(6, -26), (7, -31),
                                                                           (8 + lean, -36)]),
                *_sheen(tone, [(-3, -27), (-2, -31), (-1 + lean, -36)])]


def _fringe(rng: Rng, tone: np.ndarray) -> Layers:
    y, low, lift = rng.uniform(-15, -12), rng.uniform(-1, 7), rng.uniform(4, 6.5)
    cap = _cap(lift, (-24, low), (-22.4, -6), (-20.4, y + 0.8), (-10, y - 0.6), (0, y + 0.8),
               (10, y - 0.6), (20.4, y + 0.8), (22.4, -6), (24, low), side=low)
    lines = [[(x * 0.75, y - 9), (x * 0.9, y - 4), (x, y - 0.4)] for x in (-14, -5, 5, 14)]
    shine = [(-17, -25), (-8, -29.4), (2, -30), (11, -28.6)]
    return [], [*inked(tone, cap), *_strands(tone, *lines), *_sheen(tone, shine, width=2)]


def _curly(rng: Rng, tone: np.ndarray) -> Layers:
    ring = _along((-25.5, -4), (-26, -16), (-20, -29), (-8, -36), (8, -36), (20, -29), (26, -16),
                  (25.5, -4), step=6.6)
    inner = _along((-20, -20), (-11, -26), (0, -25.4), (11, -26), (20, -20), step=6)
    top = _along((-12, -31), (12, -31), step=7)
    return [], _curls(rng, tone, [*ring, *top, *inner], 4.6, 6.2)


def _afro(rng: Rng, tone: np.ndarray) -> Layers:
    size = rng.uniform(0.88, 1.06)
    ball = ellipse(0, -15, 38 * size, 34 * size)
    edge = [tuple(point) for point in ball]
    halo = [*inked(tone, ball), *_curls(rng, tone, edge, 5, 6.4), Part(ball, tone)]
    inner = _along((-23.6, -7), (-20.6, -17), (-11, -24), (0, -25), (11, -24), (20.6, -17),
                   (23.6, -7),
                   step=5.4)
    top = _cap(5, (-22, -12), (-18, -19), (-9, -24), (0, -24.6), (9, -24), (18, -19), (22, -12),
               side=-8)
    spots = [(rng.uniform(-26, 26), rng.uniform(-42, -30)) for _ in range(9)]
    light = _sheen(tone, *([(x - 2, y + 1), (x, y - 1.4), (x + 2, y + 1)] for x, y in spots),
                   width=1.2)
    return halo, [*_curls(rng, tone, inner, 3.6, 4.8), Part(top, tone), *light]


def _bob(rng: Rng, tone: np.ndarray) -> Layers:
    low, flare, x = rng.uniform(22, 30), rng.uniform(0, 5), rng.uniform(-9, 9)
    back = smooth(*symmetric((0, -36), (18, -32), (29, -17), (31 + flare * 0.6, 4),
                             (32 + flare, low - 6), (30 + flare, low), (20, low + 1), (0, low - 8)))
    front = _cap(4.4, (-31 - flare * 0.6, 14), (-26, 15), (-23.6, 0), (-20.6, -11), (x - 8, -19.6),
                 (x, -25.4), (x + 8, -19.6), (20.6, -11), (23.6, 0), (26, 15),
                 (31 + flare * 0.6, 14), side=2,
                 ears=4)
    lines = [[(x, -25), (x, -29), (x * 0.8, -35.6)], [(-25.6, -8), (-27, 2), (-26.8, 10)],
             [(25.6, -8), (27, 2), (26.8, 10)]]
    return inked(tone, back), [*inked(tone, front), *_strands(tone, *lines),
                               *_sheen(tone, [(-21, -20), (-16.4, -26), (-9, -30)],
                                       [(9, -30.6), (15.4, -27), (20, -21)])]


def _long(rng: Rng, tone: np.ndarray) -> Layers:
    low, wide, x = rng.uniform(40, 52), rng.uniform(0, 4), rng.uniform(-6, 6)
    back = smooth(*symmetric((0, -36), (18, -32), (28.6, -17), (30 + wide, 6), (32 + wide, 26),
                             (34 + wide, low - 4), (27, low), (16, low - 3), (0, low - 6)))
    front = _cap(4, (-31.4, 20), (-29, 32), (-24.6, 24), (-24, 4), (-21, -10), (x - 9, -19),
                 (x, -26.6), (x + 9, -19), (21, -10), (24, 4), (24.6, 24), (29, 32), (31.4, 20),
                 side=4,
                 ears=4.4)
    lines = [[(x, -26), (x, -30), (x * 0.8, -35.4)], [(-26, -8), (-27, 6), (-26.4, 22)],
             [(26, -8), (27, 6), (26.4, 22)]]
    folds = [[(s * 29.6, 12), (s * 31, 26), (s * 30, 40)] for s in (-1, 1)]
    return ([*inked(tone, back), *_strands(tone, *folds)],
            [*inked(tone, front), *_strands(tone, *lines),
             *_sheen(tone, [(-22, -19), (-17, -26), (-9, -30.6)], [(8, -31), (16, -27),
                                                                   (21, -20)])])


def _wavy(rng: Rng, tone: np.ndarray) -> Layers:
    low, out, x = rng.uniform(32, 44), rng.uniform(1, 4), rng.uniform(-14, -6)
    step = (low + 12) / 6
    edge = [(29 + out * (1.6 if i % 2 else -0.4) + i * 0.5, -12 + step * i) for i in range(7)]
    back = smooth(*symmetric((0, -37), (18, -33.6), (26, -24), *edge, (24, low + 1), (14, low - 5),
                             (0, low - 8)))
    front = _cap(5.4, (-31, 12), (-25.6, 17), (-23.6, 8), (-24.4, 0), (-21.6, -10), (x - 4, -19.6),
                 (x, -25), (x + 7, -18.6), (4, -20.4), (12, -15.6), (20, -12), (24.6, -1),
                 (22.8, 8),
                 (25.6, 17), (31, 12), side=1,
                 ears=4)
    lines = [[(x, -25), (x + 1.4, -30), (x + 4, -36.4)], [(x + 8, -24), (6, -26), (14, -21)]]
    folds = [[(s * 28, 6), (s * 30.6, 15), (s * 28, 23), (s * 30, 31)] for s in (-1, 1)]
    parts = _either(rng, [*inked(tone, front), *_strands(tone, *lines),
                          *_sheen(tone, [(x + 8, -30), (5, -33.4), (15, -30)], [(20, -24),
                                                                                (24, -18),
                                                                                (25.6, -10)])])
    return [*inked(tone, back), *_strands(tone, *folds)], parts


def _ringlets(rng: Rng, tone: np.ndarray) -> Layers:
    low = rng.uniform(26, 40)
    outer = _along((-29, low), (-33, low - 22), (-30, -16), (-21, -31), (0, -38), (21, -31),
                   (30, -16),
                   (33, low - 22), (29, low), step=8)
    filling = smooth(*symmetric((0, -36), (20, -29), (29, -14), (31, low - 20), (28, low - 2),
                                (20, low), (0, low - 16)))
    cap = _cap(4, (-24.6, 0), (-21.6, -10), (-14, -19), (-6, -22), (0, -26), (6, -22), (14, -19),
               (21.6, -10),
               (24.6, 0), side=0)
    sides = [(s * 28, y) for s in (-1, 1) for y in np.arange(-10, low - 6, 7.4)]
    crown = _along((-20, -20), (-10, -28), (0, -30), (10, -28), (20, -20), step=8)
    return ([*_curls(rng, tone, outer, 5, 6.4), Part(filling, tone)],
            [*inked(tone, cap), *_curls(rng, tone, [*sides, *crown], 3.6, 4.8)])


def _swept(rng: Rng, tone: np.ndarray) -> list[Part]:
    """Hair that is combed back."""
    y = rng.uniform(-24, -20)
    cap = _cap(2, (-23.8, -2), (-22, -11), (-16, y + 2), (-6, y - 1.4), (6, y - 1.4), (16, y + 2),
               (22, -11),
               (23.8, -2))
    lines = [[(-12, y + 0.4), (-9, y - 4), (-5, y - 9)], [(12, y + 0.4), (9, y - 4), (5, y - 9)]]
    return [*inked(tone, cap), *_strands(tone, *lines),
            *_sheen(tone, [(-19, -21), (-14.6, -26), (-8, -30)], [(0, -28), (5, -30), (10, -28)])]


def _tie(rng: Rng, x: float, y: float, angle: float) -> list[Part]:
    shades = [colour(214, 70, 90), colour(70, 120, 190), colour(240, 190, 70), colour(110, 170,
                                                                                      110)]
    return inked(shades[rng.integers(len(shades))], ellipse(x, y, 3.4, 1.9, angle), pen=0.6)


def _bun(rng: Rng, tone: np.ndarray) -> Layers:
    r, x = rng.uniform(8.6, 11.5), rng.uniform(-3, 3)
    y = -34 - r * 0.7
    knot = ellipse(x, y, r * 1.1, r)
    turns = [[(x - r * 0.6, y + r * 0.3), (x, y - r * 0.1), (x + r * 0.7, y - r * 0.4)],
             [(x - r * 0.5, y - r * 0.3), (x, y - r * 0.6), (x + r * 0.4, y - r * 0.7)]]
    return ([*inked(tone, knot), *_strands(tone, turns[0]), *_sheen(tone, turns[1]), *_tie(rng, x,
                                                                                           -34.4,
                                                                                           0)],
            _swept(rng, tone))


def _ponytail(rng: Rng, tone: np.ndarray) -> Layers:
    low, out = rng.uniform(18, 36), rng.uniform(0, 5)
    tail = smooth((14, -32), (26, -37), (35 + out, -28), (38 + out, -8), (36 + out, low - 12),
                  (30 + out, low + 3),
                  (28.6, low - 8), (29, -6), (24, -20))
    lines = [[(26, -30), (33 + out * 0.6, -18), (33.4 + out * 0.6, 4)]]
    shine = [(30, -31), (35 + out, -22), (35.6 + out, -10)]
    back = [*inked(tone, tail), *_strands(tone, *lines), *_sheen(tone, shine), *_tie(rng, 20.6,
                                                                                     -30, 40)]
    side = rng.choice([-1, 1])
    return [Part(p.outline * (side, 1), p.colour) for p in back], _swept(rng, tone)


def _pigtails(rng: Rng, tone: np.ndarray) -> Layers:
    low, out = rng.uniform(8, 26), rng.uniform(0, 4)
    tail = smooth((24, -17), (31, -24), (37 + out, -17), (39 + out, -2), (38 + out, low - 4),
                  (33 + out, low + 4),
                  (31.6, low - 5), (31, -5))
    line = [(30, -17), (34.6 + out * 0.6, -6), (34.4 + out * 0.6, low - 4)]
    cap = _cap(3, (-23.8, -2), (-22, -10), (-15, -17.4), (-6, -20), (0, -26), (6, -20),
               (15, -17.4), (22, -10),
               (23.8, -2))
    part = [(0, -26), (0, -30), (0, -35)]
    ties = _tie(rng, 27.6, -18.4, 55)
    back = [*inked(tone, *both(tail)), *_strands(tone, line, [(-x, y) for x, y in line]),
            *ties, *(Part(mirrored(p.outline), p.colour) for p in ties)]
    return back, [*inked(tone, cap), *_strands(tone, part),
                  *_sheen(tone, [(-19, -21), (-14.6, -26), (-7, -30)], [(7, -30), (14.6, -26),
                                                                        (19, -21)])]


def _mohawk(rng: Rng, tone: np.ndarray) -> Layers:
    high = rng.uniform(-50, -45)
    sides = mixed(tone, colour(200, 160, 130), 0.45)
    cap = _cap(0.2, (-23.4, -4), (-21.6, -12), (-16, -20), (0, -22), (16, -20), (21.6, -12),
               (23.4, -4))
    comb = polygon((-8, -20.6), (-10.4, -31), (-12, high + 6), (-6, high + 4), (-4, high - 1),
                   (0.4, high + 3),
                   (4.4, high - 1), (6.4, high + 4), (12, high + 6), (10.4, -31), (8, -20.6),
                   (0, -18))
    lines = [[(-3.4, -23), (-4, -32), (-4, high + 6)], [(4, -23), (4.4, -32), (4, high + 6)]]
    return [], [Part(cap, sides), *inked(tone, comb), *_strands(tone, *lines),
                *_sheen(tone, [(0, -26), (0.4, -34), (0.6, high + 8)])]


def _either(rng: Rng, parts: list[Part]) -> list[Part]:
    """Parts as they are, or their mirror image."""
    side = rng.choice([-1, 1])
    return [Part(p.outline * (side, 1), p.colour) for p in parts]


STYLES: dict[str, Callable[[Rng, np.ndarray], Layers]] = {
    "bald": _bald, "receding": _receding, "buzz": _buzz, "parted": _parted, "quiff": _quiff,
    "spiky": _spiky, "fringe": _fringe, "curly": _curly, "afro": _afro, "bob": _bob, "long": _long,
    "wavy": _wavy, "ringlets": _ringlets, "bun": _bun, "ponytail": _ponytail,
    "pigtails": _pigtails, "mohawk": _mohawk,
}
