"""Pictures made of images side by side.

Images are rows of pixels; their shape is given: (height, width), or (height, width, 3) in colour.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from vaepipe.figures.classes import are_words, slanted
from vaepipe.figures.style import draw_pixels, new_figure, new_picture, save, save_cropped, tile


def _grey_or_colour(shape: list[int]) -> list[int]:
    if shape[2:] not in ([], [3]):
        raise ValueError("is neither height and width, nor these and 3 colours")
    return shape


Shape = Annotated[
    list[Annotated[int, Field(gt=0)]],
    Field(min_length=2, max_length=3),
    AfterValidator(_grey_or_colour),
]
"""That of images that can be drawn."""


def examples(
    path: Path,
    versions: Sequence[np.ndarray],
    classes: Sequence[str],
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """One example per class, the class as the title; its versions (classes, pixels) in a column."""
    most, side = (10, 1.43) if are_words(classes) else (13, 1.1)
    columns = min(most, len(classes))
    rows = -(-len(classes) // columns)
    width, high = look["width"] * columns / most, len(versions)
    height = (0.55 + side * high) * rows * look["width"] / 16
    figure, axes = new_figure(width, height, high * rows, columns, gridspec_kw={"hspace": 0})
    grid = np.reshape(axes, (rows, high, columns))
    for ax in grid.ravel():
        ax.set_axis_off()
    for index, name in enumerate(classes):
        column = grid[index // columns, :, index % columns]
        for ax, images in zip(column, versions, strict=True):
            draw_pixels(images[index].reshape(shape), ax, look["colormap"])
        column[0].set_title(name, pad=2)
    save(figure, path)


def labelled_grid(
    path: Path,
    columns: Sequence[str],
    rows: Mapping[str, np.ndarray],
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """Rows of images (columns, pixels), named at their left, the columns at their head."""
    pixels = tile(np.stack(list(rows.values())), shape)
    figure, ax = new_picture(pixels, 0.8 * look["width"], 2.0, look["colormap"])
    label_axes(ax)
    ax.xaxis.tick_top()
    ax.set_xticks(middles(len(columns), shape[1]), list(columns), **slanted(columns, above=True))
    ax.set_yticks(middles(len(rows), shape[0]), list(rows))
    save_cropped(figure, path)


def sheet(
    path: Path, images: np.ndarray, shape: Sequence[int], look: Mapping, width: float = 1.0
) -> None:
    """Images (rows, columns, pixels) side by side, over a share of the text's width."""
    pixels = tile(images, shape)
    figure, _ = new_picture(pixels, width * look["width"], 0.0, look["colormap"])
    save(figure, path)


def sheets(
    path: Path,
    panels: Sequence[np.ndarray],
    titles: Sequence[str],
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """Sheets of images (rows, columns, pixels), each with its title, side by side."""
    width = look["width"] / max(2, len(panels))
    rows, columns = panels[0].shape[:2]
    height = width * rows * shape[0] / (columns * shape[1]) + 0.6
    figure, axes = new_figure(width * len(panels), height, 1, len(panels), squeeze=False)
    for ax, images, title in zip(axes[0], panels, titles, strict=True):
        draw_pixels(tile(images, shape), ax, look["colormap"])
        ax.set_title(title)
    save(figure, path)


def square(images: np.ndarray) -> np.ndarray:
    """The largest square of images (side, side, pixels) from the front of (n, pixels)."""
    side = int(np.sqrt(len(images)))
    return images[: side**2].reshape(side, side, -1)


def label_axes(ax) -> None:
    """Tick labels around a picture, without the axes' lines."""
    ax.set_axis_on()
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def middles(count: int, side: int) -> np.ndarray:
    """Where the middles of so many tiled images lie, (count,), along an axis of so many pixels."""
    return np.arange(count) * (side + 1) + side / 2 - 0.5
