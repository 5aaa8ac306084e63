"""The layers of a model, as `models.architecture.trace` finds them: form, chart, summary.

Layers are those of the encoder, then those of the decoder; a classifier has none of the latter.
Shapes are of one image.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.patches import FancyArrowPatch, Polygon, Rectangle
from pydantic import AfterValidator, Field

from vaepipe.core.files import Form
from vaepipe.figures.style import COLOURS, TALLEST, new_canvas, save

COLOUR = {"encoder": COLOURS[0], "decoder": COLOURS[1]}
GREY = "#444444"
LARGE, SMALL = 8.0, 7.0
"""Sizes of text in points."""
WIDTH = 16.0
"""Centimetres that the chart is laid out for, as are all lengths that follow."""
BOX = 7.6
"""Width of a box."""
LINE = 0.36
"""Height of a line of text."""
MARGIN = 0.12
"""Between the edge of a box and its text."""
GAP = 0.36
"""Between boxes, at the least."""
HEAD = 0.55
"""Above and below all boxes, for a line of text."""
EDGE = 0.05
"""Outside the boxes, for half their lines."""
LARGEST = 2.6
"""Side of the largest map in a row of maps, in centimetres."""
DEPTH = 0.18
"""By which a map is drawn deeper for each doubling of its channels."""
BAR = 0.22
"""Breadth of what is no map."""
MAP = 3
"""Dimensions of a map: channels, rows, columns."""
BETWEEN = 1.1
"""Room between two maps, at the least, for the name of a layer."""

Shape = Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=1)]
Sides = Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=2, max_length=2)]


class Settings(Form):
    """Of a convolution; rows come before columns."""

    kernel_size: Sides
    stride: Sides
    padding: Sides | Literal["valid", "same"]
    output_padding: Sides


class Layer(Form):
    part: Literal["encoder", "decoder"]
    kind: Annotated[str, Field(pattern="^[A-Za-z0-9_]+$")]
    settings: Settings | None
    input: Shape
    output: Shape
    parameters: Annotated[int, Field(ge=0)]


def _of_a_vae(layers: list[Layer]) -> list[Layer]:
    encoder, decoder = ([of for of in layers if of.part == part] for part in COLOUR)
    if not encoder or not decoder or encoder + decoder != layers:
        raise ValueError("not the layers of an encoder, then those of a decoder")
    if encoder[-1].output != [2 * count for count in decoder[0].input]:
        raise ValueError("the encoder does not end in two numbers for each latent of the decoder")
    return layers


def _of_any_kind(layers: list[Layer]) -> list[Layer]:
    encoder, decoder = ([of for of in layers if of.part == part] for part in COLOUR)
    if not encoder or encoder + decoder != layers:
        raise ValueError("not the layers of an encoder, then those of a decoder, if any")
    if decoder and encoder[-1].output != decoder[0].input:
        return _of_a_vae(layers)
    return layers


Layers = Annotated[list[Layer], AfterValidator(_of_a_vae)]
"""Those of a VAE."""
LayersOfAnyKind = Annotated[list[Layer], AfterValidator(_of_any_kind)]
"""Those of a VAE; of an autoencoder, whose encoder ends in the latents; or of a classifier."""


class Box(NamedTuple):
    """What stands in a box of the chart: its first line, at both ends, and what is below it."""

    name: str
    shape: str
    settings: tuple[str, ...] = ()
    parameters: str = ""

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Text at the left and at the right of each line."""
        below = zip_longest(self.settings, [self.parameters] * bool(self.parameters), fillvalue="")
        return [(self.name, self.shape), *below]

    @property
    def height(self) -> float:
        return 2 * MARGIN + LINE * len(self.lines)


LOWEST = Box("", "").height


def of_part(layers: Sequence[Mapping[str, Any]], part: str) -> list[Mapping[str, Any]]:
    """Those of the encoder, or of the decoder."""
    return [layer for layer in layers if layer["part"] == part]


def boxes(layers: Sequence[Mapping[str, Any]]) -> list[Box]:
    """A box a layer; what has no parameters and keeps the shape joins the layer before it."""
    found: list[Box] = []
    for layer in layers:
        if found and not layer["parameters"] and layer["input"] == layer["output"]:
            found[-1] = found[-1]._replace(name=f"{found[-1].name} + {layer['kind']}")
            continue
        parameters = _parameters([layer]) if layer["parameters"] else ""
        settings = _stated(layer["settings"])
        found.append(Box(layer["kind"], size(layer["output"]), settings, parameters))
    return found


def _stated(settings: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Lines on a convolution, such as "3 × 3, stride 2, padding 1"; none on other layers."""
    if not settings:
        return ()
    kernel = size(settings["kernel_size"])
    stride, padding = _sides(settings["stride"]), _sides(settings["padding"])
    lines = [f"{kernel}, stride {stride}, padding {padding}"]
    if any(settings["output_padding"]):
        lines.append(f"output padding {_sides(settings['output_padding'])}")
    return tuple(lines)


def _sides(value: str | Sequence[int]) -> str:
    """A word as it is; one number for two that are the same."""
    if isinstance(value, str):
        return value
    rows, columns = value
    return str(rows) if rows == columns else size(value)


def size(shape: Sequence[int]) -> str:
    """For example 32 × 14 × 14."""
    return " × ".join(map(str, shape))


def _parameters(layers: Sequence[Mapping[str, Any]]) -> str:
    count = f"{parameters(layers):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{count} parameter{'s' if count != '1' else ''}"


def parameters(layers: Sequence[Mapping[str, Any]]) -> int:
    """How many the layers have together."""
    return sum(layer["parameters"] for layer in layers)


def summary(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Parameters of the encoder and of the decoder, and the `convolutional_decoder` (or None).

    The decoder that a classifier lacks has 0.
    """
    return {
        **{part: parameters(of_part(layers, part)) for part in COLOUR},
        "convolutional_decoder": convolutional_decoder(layers),
    }


def convolutional_decoder(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The input's shape of the first transposed convolution, and the last layer with parameters.

    `filters` is the number of the latter's, None if it is no convolution. None for a decoder that
    has no transposed convolutions.
    """
    decoder = of_part(layers, "decoder")
    transposed = [layer for layer in decoder if layer["kind"] == "ConvTranspose2d"]
    if not transposed:
        return None
    last = [transposed[0], *(layer for layer in decoder if layer["parameters"])][-1]
    convolution = last["kind"] in ("Conv2d", "ConvTranspose2d")
    return {
        "transposed_input": transposed[0]["input"],
        "last_layer": last["kind"],
        "filters": last["output"][0] if convolution else None,
    }


def sizes(layers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Parameters and memory of one image's pass, as tables of layers are wont to give them.

    In MB of 2^20 bytes, 4 bytes a number: `input`, the image; `passes`, the outputs of all layers
    forwards and as many numbers back; `weights`, the parameters; `total`, all three.
    """
    numbers = {
        "input": math.prod(layers[0]["input"]),
        "passes": 2 * sum(math.prod(layer["output"]) for layer in layers),
        "weights": parameters(layers),
    }
    megabytes = {name: 4 * count / 2**20 for name, count in numbers.items()}
    return {"parameters": parameters(layers)} | megabytes | {"total": sum(megabytes.values())}


def chart(
    path: Path, layers: Sequence[Mapping[str, Any]], shape: Sequence[int], look: Mapping
) -> None:
    """Draw a model of images of a shape: the encoder downwards, z, the decoder upwards.

    The decoder's boxes stand in the order of their use from z up. A classifier is the encoder
    alone, on a page as narrow, with the classes below. What would be too high for a page is drawn
    smaller.
    """
    decoder = of_part(layers, "decoder")
    columns = {part: boxes(of_part(layers, part)) for part in COLOUR if of_part(layers, part)}
    if decoder:
        columns["decoder"].reverse()
    between = max(_height(column) + GAP * (len(column) + 1) for column in columns.values())
    width, height = WIDTH if decoder else 2 * EDGE + BOX, between + 2 * (HEAD + LOWEST)
    scale = min(look["width"] / WIDTH, TALLEST / height)
    figure, ax = new_canvas(scale * width, scale * height)
    pen = Pen(ax, scale)
    bottom = HEAD + LOWEST
    lefts = EDGE, WIDTH - EDGE - BOX
    pixels = layers[0]["input"], layers[-1]["output"]
    for (part, column), left, seen in zip(columns.items(), lefts, pixels, strict=False):
        colour, middle, upwards = COLOUR[part], left + BOX / 2, part == "decoder"
        title = f"{part.capitalize()}, {_parameters(of_part(layers, part))}"
        pen.write(left + MARGIN, height - HEAD / 2, title, LARGE, color=colour)
        top = bottom + between
        each = seen[0] // math.prod(shape)
        what = f"{each} numbers a value of the image" if each > 1 else f"image {size(shape)}"
        pen.box(left, top + LOWEST, BOX, Box(what, size(seen)), GREY)
        gap = (between - _height(column)) / (len(column) + 1)
        for box in column:
            pen.arrow((middle, top), (middle, top - gap), upwards)
            pen.box(left, top - gap, BOX, box, colour)
            top -= gap + box.height
        pen.arrow((middle, top), (middle, bottom), upwards)
    ends = of_part(layers, "encoder")[-1]["output"]
    if not decoder:
        pen.box(EDGE, bottom, BOX, Box("probability of each class", size(ends)), GREY)
    elif ends == decoder[0]["input"]:
        pen.box(EDGE, bottom, WIDTH - 2 * EDGE, Box("latents $z$", size(ends)), GREY)
    else:
        _draw_sampling(pen, bottom, size(decoder[0]["input"]))
    pen.write(width / 2, HEAD / 2, f"{_parameters(layers)} in all", LARGE, GREY, ha="center")
    save(figure, path)


class Map(NamedTuple):
    """What stands in a row of maps: its shape, and the layers that give it."""

    shape: tuple[int, ...]
    layers: tuple[str, ...]

    @property
    def is_map(self) -> bool:
        return len(self.shape) == MAP


def maps(layers: Sequence[Mapping[str, Any]]) -> list[Map]:
    """What is seen and given by the layers of a part, in the order of their use.

    Layers that keep the shape join the one before. Those that only order numbers anew are left out:
    what is given flat stands as the map that it becomes, and a map that becomes flat as the map.
    """
    given = tuple(layers[0]["input"])
    found = [Map(given, ())]
    for layer in layers:
        shape, before = tuple(layer["output"]), found[-1]
        if layer["parameters"] or math.prod(shape) != math.prod(given):
            given = shape
            found.append(Map(shape, (layer["kind"],)))
        elif layer["output"] == layer["input"]:
            found[-1] = before._replace(layers=(*before.layers, layer["kind"]))
        elif len(shape) == MAP and len(given) != MAP:
            found[-1] = before._replace(shape=shape)
    return found


def row_of_maps(
    path: Path, layers: Sequence[Mapping[str, Any]], shape: Sequence[int], look: Mapping
) -> None:
    """Draw one part of a model of images of a shape as the maps that pass through it, rightwards.

    Sides are true to scale, the depth grows with the logarithm of the channels.
    """
    row = maps(layers)
    unit = LARGEST / max(shape[:2])
    colour = COLOUR[layers[0]["part"]]
    depths = [DEPTH * math.log2(2 * of.shape[0]) if of.is_map else 0.0 for of in row]
    widths = [unit * of.shape[2] if of.is_map else BAR for of in row]
    room = sum(depths) + sum(widths)
    gap = max(BETWEEN, (WIDTH - 1.2 - room) / max(1, len(row) - 1))
    scale = look["width"] / max(WIDTH, room + gap * (len(row) - 1) + 1.2)
    height = LARGEST + max(depths) + 2.4
    figure, ax = new_canvas(look["width"], scale * height)
    pen = Pen(ax, scale)
    left, middle = 0.6, 1.6 + LARGEST / 2
    for index, (of, depth, width) in enumerate(zip(row, depths, widths, strict=True)):
        tall = unit * of.shape[1] if of.is_map else LARGEST * 0.6
        pen.block(left, middle - tall / 2, width, tall, depth, colour)
        centre = left + (width + depth) / 2
        pen.write(centre, 1.2, size(of.shape), SMALL, "black", ha="center")
        for line, name in enumerate(of.layers):
            pen.write(centre, 0.85 - 0.32 * line, name, 0.85 * SMALL, GREY, ha="center")
        left += width + depth
        if index + 1 < len(row):
            pen.arrow((left + 0.08, middle), (left + gap - 0.08, middle))
        left += gap
    save(figure, path)


def _draw_sampling(pen: "Pen", bottom: float, latents: str) -> None:
    """What a VAE has between its parts: mean and log variance, and z drawn from them."""
    left, right, half = EDGE, WIDTH - EDGE - BOX, BOX / 2
    pen.box(left, bottom, half, Box(r"mean $\mu$", latents), GREY)
    pen.box(left + half, bottom, half, Box(r"log variance $\log\,\sigma^2$", latents), GREY)
    pen.arrow((left + BOX, bottom - LOWEST / 2), (right, bottom - LOWEST / 2))
    draw = r"$z = \mu + \sigma \odot \varepsilon,\ \varepsilon \sim \mathcal{N}(0, I)$"
    pen.box(right, bottom, BOX, Box(draw, latents), GREY)


def _height(column: Sequence[Box]) -> float:
    return sum(box.height for box in column)


class Pen:
    """Draws on axes that count in centimetres, everything smaller by a scale."""

    def __init__(self, axes: Axes, scale: float):
        self.axes = axes
        self.scale = scale

    def write(self, x: float, y: float, text: str, points: float, color: str, **options) -> None:
        """Text in the middle of a line, from x to the right unless told otherwise."""
        self.axes.text(
            x * self.scale,
            y * self.scale,
            text,
            fontsize=points * self.scale,
            color=color,
            va="center_baseline",
            **options,
        )

    def box(self, left: float, top: float, width: float, box: Box, colour: str) -> None:
        corner = left * self.scale, (top - box.height) * self.scale
        sides = width * self.scale, box.height * self.scale
        line = {"edgecolor": colour, "linewidth": 0.8 * self.scale}
        self.axes.add_patch(Rectangle(corner, *sides, facecolor=to_rgba(colour, 0.08), **line))
        for row, ends in enumerate(box.lines):
            y = top - MARGIN - LINE * (row + 0.5)
            look = (SMALL, GREY) if row else (LARGE, "black")
            self.write(left + MARGIN, y, ends[0], *look)
            self.write(left + width - MARGIN, y, ends[1], *look, ha="right")

    def block(
        self, left: float, bottom: float, width: float, height: float, depth: float, colour: str
    ) -> None:
        """A box in oblique projection, whose front stands at the left and at the bottom."""
        (a, low), (b, high) = (left, bottom), (left + width, bottom + height)
        faces = [[(a, low), (b, low), (b, high), (a, high)]]
        if depth:
            faces += [
                [(a, high), (b, high), (b + depth, high + depth), (a + depth, high + depth)],
                [(b, low), (b, high), (b + depth, high + depth), (b + depth, low + depth)],
            ]
        for face, strength in zip(faces, (0.18, 0.32, 0.5), strict=False):
            outline = [(self.scale * x, self.scale * y) for x, y in face]
            line = {"edgecolor": colour, "linewidth": 0.7 * self.scale}
            self.axes.add_patch(Polygon(outline, facecolor=to_rgba(colour, strength), **line))

    def arrow(
        self, start: tuple[float, float], end: tuple[float, float], backwards: bool = False
    ) -> None:
        ends = [tuple(self.scale * value for value in place) for place in (start, end)]
        self.axes.add_patch(
            FancyArrowPatch(
                *(reversed(ends) if backwards else ends),
                arrowstyle="-|>",
                mutation_scale=7 * self.scale,
                linewidth=0.8 * self.scale,
                shrinkA=0,
                shrinkB=0,
                color=GREY,
            )
        )
