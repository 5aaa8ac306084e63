"""Figures of latent spaces."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.figures.pictures import label_axes, middles
from vaepipe.figures.style import draw_band, new_figure, new_picture, save, tile


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
        labels = [f"$z_{{{latent + 1}}}$  {kl[latent]:.2f}" for latent in order]
        ax.set_yticks(middles(rows, shape[0]), labels)
        ax.set_ylabel("latent, and its KL in nats")
    save(figure, path)


def kl_per_latent(path: Path, kl: Mapping[str, np.ndarray], look: Mapping) -> None:
    """KL of every latent dimension, sorted, the mean over the seeds of each variant's ranks."""
    figure, ax = new_figure(look["width"], 0.34 * look["width"])
    for index, (name, values) in enumerate(kl.items()):
        ranked = -np.sort(-values, axis=1)
        draw_band(ax, np.arange(1, ranked.shape[1] + 1), ranked, name, index, marker="o")
    ax.set_xlabel("latent dimension, by falling KL")
    ax.set_ylabel("KL, nats")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside right upper")
    save(figure, path)
