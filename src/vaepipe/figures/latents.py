"""Figures of latent spaces."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.figures.pictures import label_axes, middles
from vaepipe.figures.style import (
    COLOURS,
    draw_pixels,
    line_style,
    marker_style,
    new_figure,
    new_picture,
    save,
    tile,
)

PANELS = 4
"""Side by side."""
POINT = 2.54 / 72
"""Centimetres."""
LEGEND = 4
"""Names of classes side by side."""


def traversal(
    path: Path,
    images: np.ndarray,
    kl: np.ndarray,
    order: Sequence[int],
    span: float,
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """Decoded images (rows, steps, pixels) over two latents, or one row a latent, its KL beside it.

    `kl` is the mean KL of each latent, (latent,); `order` names the latent of each row.
    """
    pixels = tile(images, shape)
    grid = len(kl) == 2
    width = look["width"] * (0.46 if grid else 0.5)
    figure, ax = new_picture(pixels, width, 1.4, look["colormap"])
    label_axes(ax)
    rows, steps = images.shape[:2]
    values = np.linspace(-span, span, steps)
    ticks = slice(None, None, max(1, (steps - 1) // 2))
    ax.set_xticks(middles(steps, shape[1])[ticks], [f"{v:+.1f}" for v in values[ticks]])
    ax.set_xlabel("$z_1$" if grid else "value of the latent")
    if grid:
        ax.set_yticks(middles(rows, shape[0])[ticks], [f"{v:+.1f}" for v in values[::-1][ticks]])
        ax.set_ylabel("$z_2$")
    else:
        labels = [f"{axis(latent)}  {kl[latent]:.2f}" for latent in order]
        ax.set_yticks(middles(rows, shape[0]), labels)
        ax.set_ylabel("latent, and its KL in nats")
    save(figure, path)


def plane(
    path: Path,
    codes: np.ndarray,
    labels: np.ndarray,
    classes: Sequence[str],
    axes: Sequence[str],
    look: Mapping,
) -> None:
    """Codes (n, 2) in a plane, whose axes have names.

    `labels` (n,) are indices into the classes. Where these are single characters, a point is drawn
    as its class, else as a mark that a legend explains.
    """
    width = 0.46 * look["width"]
    characters = all(len(name) == 1 for name in classes)
    figure, ax = new_figure(width, width if characters else 1.2 * width)
    for index, name in enumerate(classes):
        x, y = codes[labels == index].T
        style = marker_style(index) | ({"marker": f"${name}$"} if characters else {"label": name})
        ax.scatter(x, y, s=9 if characters else 5, linewidth=0, **style)
    ax.set_xlabel(axes[0])
    ax.set_ylabel(axes[1])
    if not characters:
        place = {"loc": "outside upper center", "ncols": LEGEND, "markerscale": 2}
        figure.legend(**place, columnspacing=0.8, handletextpad=0.1)
    save(figure, path)


def named_grids(
    path: Path,
    grids: Mapping[str, tuple[np.ndarray, np.ndarray, np.ndarray]],
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """Grids of images side by side, each with its name.

    Of each the images (rows, columns, pixels), a name of each image, (rows, columns), and whether
    that is written in its corner.
    """
    width = look["width"] / max(2, len(grids))
    figure, axes = new_figure(width * len(grids), 1.05 * width, 1, len(grids), squeeze=False)
    for ax, (name, (images, words, written)) in zip(axes[0], grids.items(), strict=True):
        draw_pixels(tile(images, shape), ax, look["colormap"])
        ax.set_title(name)
        rows, columns = words.shape
        tops, lefts = np.arange(rows) * (shape[0] + 1), np.arange(columns) * (shape[1] + 1)
        size = min(7.0, 0.4 * width / columns / POINT)
        for row, column in np.argwhere(written):
            ax.text(
                lefts[column],
                tops[row],
                words[row, column],
                fontsize=size,
                color=COLOURS[1],
                va="top",
                ha="left",
            )
    save(figure, path)


def axis(latent: int) -> str:
    """The name of the axis of a latent, the first of which is 0."""
    return f"$z_{{{latent + 1}}}$"


def kl_per_latent(path: Path, kl: Mapping[str, np.ndarray], look: Mapping) -> None:
    """KL of every latent dimension, sorted: a panel a variant, a thin line a seed, their mean.

    Values are (seeds, latents) in nats.
    """
    rows = -(-len(kl) // PANELS)
    columns = min(PANELS, len(kl))
    figure, axes = new_figure(
        look["width"], 0.26 * rows * look["width"], rows, columns, sharey=True, squeeze=False
    )
    for ax in axes.flat[len(kl) :]:
        ax.set_axis_off()
    for ax, (name, values) in zip(axes.flat, kl.items(), strict=False):
        ranked = -np.sort(-values, axis=1)
        ranks = np.arange(1, ranked.shape[1] + 1)
        style = line_style(0)
        ax.plot(ranks, ranked.T, linewidth=0.5, alpha=0.6, **style)
        ax.plot(ranks, ranked.mean(0), marker="o", markersize=2.5, **style)
        ax.set_title(name)
        ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        ax.set_xlim(0.5, max(of.shape[1] for of in kl.values()) + 0.5)
    figure.supxlabel("latent dimension, by falling KL", fontsize=8)
    figure.supylabel("KL, nats", fontsize=8)
    save(figure, path)
