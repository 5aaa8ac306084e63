"""The one style of all figures, and the pieces that they are made of.

Images are of the shape (height, width), grey, or (height, width, 3), red, green and blue.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import matplotlib as mpl

mpl.use("svg")

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

CM = 1 / 2.54
TALLEST = 18.0
"""Centimetres that a picture may be high, so that its caption fits below it on a page."""
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe & Ito's palette, told apart by colour-blind readers."""
DASHES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<")

STYLE = {
    "font.size": 8,
    "axes.labelsize": 8,
    "axes.titlesize": 8,
    "legend.fontsize": 7,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.5,
    "axes.axisbelow": True,
    "lines.linewidth": 1.2,
    "legend.frameon": False,
    "svg.hashsalt": "vaepipe",
}
mpl.rcParams.update(STYLE)


def new_figure(width: float, height: float, rows: int = 1, columns: int = 1, **options):
    """A figure of the given size in centimetres, and its axes."""
    size = (width * CM, height * CM)
    return plt.subplots(rows, columns, figsize=size, layout="constrained", **options)


def new_canvas(width: float, height: float):
    """A figure of the given size in centimetres, and axes to draw on that count in them."""
    figure = plt.figure(figsize=(width * CM, height * CM))
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_axis_off()
    return figure, ax


def new_picture(pixels: np.ndarray, width: float, labels: float, colormap: str):
    """A figure that shows an image, as `draw_pixels`, `width` centimetres wide at the most.

    `labels` are the centimetres left free to the left of and below the picture.
    """
    rows, columns = pixels.shape[:2]
    width = min(width, TALLEST * columns / rows + labels)
    height = (width - labels) * rows / columns
    figure, ax = plt.subplots(figsize=(width * CM, (height + labels) * CM), layout="compressed")
    draw_pixels(pixels, ax, colormap)
    return figure, ax


def save(figure: Figure, path: Path | BinaryIO, box: Bbox | None = None) -> None:
    """Write SVG that is the same for the same figure, or a box of it in inches, and let it go."""
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches=box)
    plt.close(figure)


def save_cropped(figure: Figure, path: Path | BinaryIO) -> None:
    """As `save`, as wide as it is, without what is empty above and below."""
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    save(figure, path, Bbox.from_extents(0, drawn.y0, figure.get_figwidth(), drawn.y1))


def line_style(index: int) -> dict[str, str]:
    """Colour and dashes of the index-th curve; all differ for the first 28."""
    return {
        "color": COLOURS[index % len(COLOURS)],
        "linestyle": DASHES[index // len(COLOURS) % len(DASHES)],
    }


def marker_style(index: int) -> dict[str, str]:
    """Colour and shape of the index-th set of points."""
    return {"color": COLOURS[index % len(COLOURS)], "marker": MARKERS[index % len(MARKERS)]}


def draw_band(
    axes: Axes, x: np.ndarray, values: np.ndarray, name: str, index: int, marker: str | None = None
) -> None:
    """Draw the mean of values (seeds, n) over x (n,), in a band from the lowest to the highest."""
    style = line_style(index)
    axes.fill_between(x, values.min(0), values.max(0), color=style["color"], alpha=0.2, linewidth=0)
    axes.plot(x, values.mean(0), label=name, marker=marker, markersize=2.5, **style)


def image(vector: np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """The image of a shape that a vector (pixels,) stands for."""
    return np.asarray(vector).reshape(shape)


def show(vector: np.ndarray, shape: Sequence[int], axes: Axes, colormap: str) -> None:
    """Draw the image that a vector (pixels,) stands for: floats in [0, 1] or integers 0..255."""
    draw_pixels(image(vector, shape), axes, colormap)


def tile(images: np.ndarray, shape: Sequence[int], gap: int = 1) -> np.ndarray:
    """Lay images (rows, columns, pixels) out as one image, `gap` pixels between.

    Those are 0 between grey images, white between colour images.
    """
    rows, columns = images.shape[:2]
    height, width, *colours = shape
    between = white(images.dtype) if colours else 0
    sides = height + gap, width + gap
    cells = np.full((rows, columns, *sides, *colours), between, images.dtype)
    cells[:, :, :height, :width] = images.reshape(rows, columns, *shape)
    sheet = cells.swapaxes(1, 2).reshape(rows * sides[0], columns * sides[1], *colours)
    return sheet[: sheet.shape[0] - gap, : sheet.shape[1] - gap]


def draw_pixels(pixels: np.ndarray, axes: Axes, colormap: str) -> None:
    """Draw an image, floats in [0, 1] or integers 0..255, pixel by pixel, without axes.

    The colormap is that of grey values (height, width); colours (height, width, 3) need none.
    """
    highest = white(pixels.dtype)
    axes.imshow(pixels, cmap=colormap, vmin=0, vmax=highest, interpolation="none")
    axes.set_axis_off()


def white(dtype: np.dtype) -> int:
    """The brightest value of pixels of a type."""
    return 1 if np.issubdtype(dtype, np.floating) else 255
