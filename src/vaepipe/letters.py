"""Figures of the study `letters`. Arrays and tables in, SVG files out; no model is run here."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.plotting import draw_band, draw_pixels, line_style, new_figure, new_picture, save, tile

SHAPE = (28, 28)
Arrays = Mapping[str, np.ndarray]
History = Mapping[str, np.ndarray]


def read_history(path: Path) -> dict[str, np.ndarray]:
    """The columns of a history.csv: `split` as text, all others as numbers."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    return {n: c if n == "split" else c.astype(float) for n, c in columns.items()}


def curves(history: History, split: str) -> tuple[np.ndarray, np.ndarray]:
    """Epochs (e,) and the total per pixel (seeds, e) in nats, the reference's unit."""
    chosen = history["split"] == split
    seeds = np.unique(history["seed"][chosen])
    values = history["total_per_pixel"][chosen].reshape(len(seeds), -1)
    return np.unique(history["epoch"][chosen]), values


def examples(
    path: Path,
    clean: np.ndarray,
    noisy: np.ndarray,
    classes: Sequence[str],
    look: Mapping,
) -> None:
    """One example per class: clean above noisy, the character as the title."""
    columns = 13
    rows = -(-len(classes) // columns)
    width = look["width"]
    figure, axes = new_figure(
        width, 2.75 * rows * width / 16, 2 * rows, columns, gridspec_kw={"hspace": 0}
    )
    grid = np.reshape(axes, (rows, 2, columns))
    for ax in grid.ravel():
        ax.set_axis_off()
    for index, name in enumerate(classes):
        pair = grid[index // columns, :, index % columns]
        draw_pixels(clean[index].reshape(SHAPE), pair[0], look["colormap"])
        draw_pixels(noisy[index].reshape(SHAPE), pair[1], look["colormap"])
        pair[0].set_title(name, pad=2)
    save(figure, path)


def learning_curve(path: Path, history: History, look: Mapping) -> None:
    """Total per pixel against the epoch, one thin line a seed, for both splits."""
    figure, ax = new_figure(0.32 * look["width"], 0.24 * look["width"])
    for index, split in enumerate(("train", "test")):
        epochs, values = curves(history, split)
        marker = "o" if len(epochs) == 1 else None
        ax.plot(epochs, values.T, linewidth=0.5, alpha=0.6, **line_style(index))
        ax.plot(epochs, values.mean(0), label=split, marker=marker, **line_style(index))
    _label_curves(ax)
    _trim(ax, [history])
    ax.legend()
    save(figure, path)


def all_learning_curves(path: Path, histories: Mapping[str, History], look: Mapping) -> None:
    """The curves of all variants: mean over the seeds, and a band from lowest to highest seed."""
    figure, axes = new_figure(look["width"], 0.4 * look["width"], 1, 2, sharey=True)
    for ax, split in zip(axes, ("train", "test"), strict=True):
        for index, (name, history) in enumerate(histories.items()):
            epochs, values = curves(history, split)
            marker = "o" if len(epochs) == 1 else None
            draw_band(ax, epochs, values, name, index, marker)
        ax.set_title(f"{split} split")
        _label_curves(ax)
        _trim(ax, histories.values())
    axes[1].set_ylabel(None)
    handles, names = axes[0].get_legend_handles_labels()
    columns = max(1, 128 // (8 + max(map(len, names))))
    figure.legend(handles, names, loc="outside lower center", ncols=columns)
    save(figure, path)


def _label_curves(ax) -> None:
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=True))
    ax.set_ylabel("nats per pixel")


def _trim(ax, histories) -> None:
    """Leave the fall of the first epochs out of the picture, which would flatten the rest."""
    values = [
        curves(history, split)[1][:, start:]
        for history in histories
        for split in ("train", "test")
        for start in [min(2, curves(history, split)[1].shape[1] - 1)]
    ]
    low, high = min(v.min() for v in values), max(v.max() for v in values)
    margin = 0.05 * (high - low) or 0.01
    ax.set_ylim(low - margin, high + margin)


def reconstructions(
    path: Path,
    characters: Sequence[str],
    by_variant: Mapping[str, Arrays],
    look: Mapping,
) -> None:
    """One column a character; rows: clean, noisy, then the reconstruction of each variant."""
    first = next(iter(by_variant.values()))
    rows = {"clean": first["characters_clean"], "noisy": first["characters_noisy"]}
    rows |= {name: arrays["characters_reconstructed"] for name, arrays in by_variant.items()}
    pixels = tile(np.stack(list(rows.values())), SHAPE)
    figure, ax = new_picture(pixels, 0.8 * look["width"], 2.0, look["colormap"])
    _labelled(ax)
    ax.xaxis.tick_top()
    ax.set_xticks(_middles(len(characters)), list(characters))
    ax.set_yticks(_middles(len(rows)), list(rows))
    save(figure, path)


def _labelled(ax) -> None:
    """Tick labels around a picture, without the axes' lines."""
    ax.set_axis_on()
    ax.grid(False)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)


def _middles(count: int) -> np.ndarray:
    return np.arange(count) * (SHAPE[0] + 1) + SHAPE[0] / 2 - 0.5


def sheet(path: Path, images: np.ndarray, look: Mapping, width: float = 1.0) -> None:
    """Images (rows, columns, pixels) side by side, over a share of the text's width."""
    pixels = tile(images, SHAPE)
    figure, _ = new_picture(pixels, width * look["width"], 0.0, look["colormap"])
    save(figure, path)


def square(images: np.ndarray) -> np.ndarray:
    """The largest square of images (side, side, pixels) from the front of (n, pixels)."""
    side = int(np.sqrt(len(images)))
    return images[: side**2].reshape(side, side, -1)


def traversal(path: Path, arrays: Arrays, span: float, look: Mapping) -> None:
    """Decoded images over two latents, or one row a latent with its KL beside it."""
    images = arrays["traversal"]
    mean_kl = arrays["kl_per_latent"][0]
    pixels = tile(images, SHAPE)
    grid = len(mean_kl) == 2
    width = look["width"] * (0.46 if grid else 0.5)
    figure, ax = new_picture(pixels, width, 1.4, look["colormap"])
    _labelled(ax)
    steps = images.shape[1]
    values = np.linspace(-span, span, steps)
    ticks = slice(None, None, max(1, (steps - 1) // 2))
    ax.set_xticks(_middles(steps)[ticks], [f"{v:+.1f}" for v in values[ticks]])
    ax.set_xlabel("$z_1$" if grid else "value of the latent")
    if grid:
        ax.set_yticks(_middles(steps)[ticks], [f"{v:+.1f}" for v in values[::-1][ticks]])
        ax.set_ylabel("$z_2$")
    else:
        order = np.argsort(-mean_kl, kind="stable")
        labels = [f"$z_{{{j + 1}}}$  {mean_kl[j]:.2f}" for j in order]
        ax.set_yticks(_middles(len(order)), labels)
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
