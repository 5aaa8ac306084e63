"""Learning curves."""

import csv
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.figures.style import draw_band, line_style, new_figure, save

SPLITS = ("train", "test")
COUNTED = ("seed", "epoch", "split")
"""What the rows of a history run over, the last fastest."""

History = Mapping[str, np.ndarray]


def read_history(path: Path) -> dict[str, np.ndarray]:
    """The columns of a history.csv: `split` as text, all others as numbers.

    Raises InputError if the file is missing, or damaged: each split has a row for each epoch of
    each seed, and all numbers are finite.
    """
    try:
        with reading(path), path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        columns = dict(zip(header, np.array(rows).T, strict=True))
        history = {n: c if n == "split" else c.astype(float) for n, c in columns.items()}
        _check(history)
    except (csv.Error, KeyError, ValueError) as error:
        raise InputError(
            f"{path}: not a history of a training ({error}). Delete it and run again."
        ) from error
    return history


def _check(history: History) -> None:
    if not all(np.isfinite(values).all() for n, values in history.items() if n != "split"):
        raise ValueError("a number is not finite")
    seeds, epochs, _ = (dict.fromkeys(history[name]) for name in COUNTED)
    rows = list(zip(*(history[name] for name in COUNTED), strict=True))
    expected = list(product(seeds, epochs, SPLITS))
    if rows != expected or not {"total", "total_per_pixel"} <= history.keys():
        raise ValueError("not a row for each split of each epoch of each seed")


def curves(
    history: History, split: str, column: str = "total_per_pixel"
) -> tuple[np.ndarray, np.ndarray]:
    """Epochs (e,) and a column (seeds, e) in nats: the total per pixel is the reference's unit."""
    chosen = history["split"] == split
    seeds = np.unique(history["seed"][chosen])
    values = history[column][chosen].reshape(len(seeds), -1)
    return np.unique(history["epoch"][chosen]), values


def learning_curve(path: Path, history: History, look: Mapping) -> None:
    """Total per pixel against the epoch, one thin line a seed, for both splits."""
    figure, ax = new_figure(0.32 * look["width"], 0.24 * look["width"])
    for index, split in enumerate(SPLITS):
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
    for ax, split in zip(axes, SPLITS, strict=True):
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
        for split in SPLITS
        for start in [min(2, curves(history, split)[1].shape[1] - 1)]
    ]
    low, high = min(v.min() for v in values), max(v.max() for v in values)
    margin = 0.05 * (high - low) or 0.01
    ax.set_ylim(low - margin, high + margin)
