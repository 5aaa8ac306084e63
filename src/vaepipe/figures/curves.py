"""Learning curves."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from pathlib import Path

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading
from vaepipe.figures.style import draw_band, line_style, new_figure, save

SPLITS = ("train", "test")
VALIDATED = ("train", "validation", "test")
"""Splits of a training that stops by a validation split."""
DRAWN = ("train", "test", "validation")
"""Splits in the order of their colours."""
COUNTED = ("seed", "epoch", "split")
"""What the rows of a history run over, the last fastest."""

SAME = 40.0
"""PSNR in dB of images that nobody tells apart."""

History = Mapping[str, np.ndarray]


def read_history(path: Path) -> dict[str, np.ndarray]:
    """The columns of a history.csv: `split` as text, all others as numbers.

    Raises InputError if the file is missing, or damaged: each split has a row for each epoch of
    each seed, and all numbers are finite.
    """
    return _read(path, _check_even)


def read_uneven_history(path: Path) -> dict[str, np.ndarray]:
    """The same of a training whose seeds may stop after different epochs: 1 to their own last.

    There may be a validation split. Raises InputError as `read_history` does.
    """
    return _read(path, _check_uneven)


def _read(path: Path, check: Callable[[History], None]) -> dict[str, np.ndarray]:
    try:
        with reading(path), path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        columns = dict(zip(header, np.array(rows).T, strict=True))
        history = {n: c if n == "split" else c.astype(float) for n, c in columns.items()}
        if not all(np.isfinite(values).all() for n, values in history.items() if n != "split"):
            raise ValueError("a number is not finite")
        check(history)
    except (csv.Error, KeyError, ValueError) as error:
        raise InputError(
            f"{path}: not a history of a training ({error}). Delete it and run again."
        ) from error
    return history


def _check_even(history: History) -> None:
    seeds, epochs, _ = (dict.fromkeys(history[name]) for name in COUNTED)
    _check_rows(history, product(seeds, epochs, SPLITS), {"total", "total_per_pixel"})


def _check_uneven(history: History) -> None:
    splits = VALIDATED if VALIDATED[1] in history["split"] else SPLITS
    lengths = Counter(history["seed"])
    expected = [
        (seed, epoch, split)
        for seed, rows in lengths.items()
        for epoch in range(1, rows // len(splits) + 1)
        for split in splits
    ]
    _check_rows(history, expected, {"total", "l2"})


def _check_rows(history: History, expected: Iterable[tuple], columns: set[str]) -> None:
    rows = list(zip(*(history[name] for name in COUNTED), strict=True))
    if rows != list(expected) or not columns <= history.keys():
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
    ax.legend()
    save(figure, path)


def losses(path: Path, history: History, unit: str, look: Mapping) -> None:
    """The objective of an image, without the penalty on weights, against the epoch.

    A thin line a seed and split, as long as the seed was trained. The history may be uneven.
    """
    figure, ax = new_figure(0.46 * look["width"], 0.32 * look["width"])
    for index, split in enumerate(sorted(set(history["split"]), key=DRAWN.index)):
        for seed in np.unique(history["seed"]):
            rows = (history["split"] == split) & (history["seed"] == seed)
            epochs, values = history["epoch"][rows], (history["total"] - history["l2"])[rows]
            marker = "." if len(epochs) == 1 else None
            ax.plot(epochs, values, linewidth=0.7, marker=marker, **line_style(index))
        ax.lines[-1].set_label(split)
    _label_epochs(ax)
    ax.set_ylabel(f"{unit} per image")
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
    axes[1].set_ylabel(None)
    handles, names = axes[0].get_legend_handles_labels()
    columns = max(1, 128 // (8 + max(map(len, names))))
    figure.legend(handles, names, loc="outside lower center", ncols=columns)
    save(figure, path)


def terms(
    path: Path,
    values: Mapping[str, Mapping[str, tuple[np.ndarray, np.ndarray]]],
    look: Mapping,
) -> None:
    """A panel a term of an objective in nats: of each variant the mean and band over the seeds.

    Of each variant that has it, epochs (e,) and values (seeds, e). One variant has one colour.
    """
    names = list(dict.fromkeys(name for of_term in values.values() for name in of_term))
    figure, axes = new_figure(look["width"], 0.36 * look["width"], 1, len(values), squeeze=False)
    drawn = {}
    for ax, (term, of_term) in zip(axes[0], values.items(), strict=True):
        for name, (epochs, found) in of_term.items():
            marker = "o" if len(epochs) == 1 else None
            draw_band(ax, epochs, found, name, names.index(name), marker)
        handles, labels = ax.get_legend_handles_labels()
        drawn |= dict(zip(labels, handles, strict=True))
        _label_epochs(ax)
        ax.set_ylabel("nats")
        ax.set_title(term)
    figure.legend(
        [drawn[name] for name in names], names, loc="outside lower center", ncols=len(names)
    )
    save(figure, path)


def noise_sweep(
    path: Path,
    levels: np.ndarray,
    noisy: np.ndarray,
    constant: float,
    decoded: Mapping[str, np.ndarray],
    level: float,
    look: Mapping,
) -> None:
    """PSNR in dB against levels of noise (n,): of noisy images (n,), and (seeds, n) decoded.

    `constant` is that of one image for all; `level` is the level of the training.
    """
    figure, ax = new_figure(look["width"], 0.4 * look["width"])
    for index, (name, values) in enumerate(decoded.items()):
        draw_band(ax, levels, values, name, index)
    finite = noisy < SAME
    ax.plot(levels[finite], noisy[finite], color="#777777", linewidth=1.2, label="noisy images")
    ax.axhline(
        constant, color="#777777", linewidth=1.0, linestyle="--", label="mean training image"
    )
    ax.axvline(level, color="#777777", linewidth=0.5, linestyle=":")
    ax.set_xlabel("level of noise")
    ax.set_ylabel("PSNR, dB")
    figure.legend(loc="outside right upper")
    save(figure, path)


def _label_curves(ax) -> None:
    _label_epochs(ax)
    ax.set_ylabel("nats per pixel")


def _label_epochs(ax) -> None:
    """Epochs on a logarithmic scale, lest the fall of the first ones flatten the rest."""
    ax.set_xscale("log")
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(LogLocator(subs=[1, 2, 5]))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_locator(NullLocator())


def read_batches(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The last step of each epoch (e,), and the totals of all batches (seeds, steps) in nats.

    Raises InputError if the file is missing, or damaged: each seed has a row for each step of each
    epoch, and all numbers are finite.
    """
    batches = _read(path, _check_steps)
    seeds = np.unique(batches["seed"])
    first = batches["seed"] == seeds[0]
    ends = np.flatnonzero(np.diff(batches["epoch"][first], append=np.inf)) + 1
    return ends, batches["total"].reshape(len(seeds), -1)


def _check_steps(batches: History) -> None:
    seeds = dict.fromkeys(batches["seed"])
    steps = np.arange(1, len(batches["step"]) // len(seeds) + 1)
    epochs = batches["epoch"].reshape(len(seeds), -1)
    if (
        "total" not in batches
        or batches["seed"].tolist() != np.repeat(list(seeds), len(steps)).tolist()
        or batches["step"].tolist() != np.tile(steps, len(seeds)).tolist()
        or (epochs != epochs[0]).any()
        or (np.diff(epochs[0]) < 0).any()
    ):
        raise ValueError("not a row for each step of each seed")


def moving_average(values: np.ndarray, window: int) -> np.ndarray:
    """The means of so many successive values (…, n) at a time, (…, n - window + 1).

    Of all, if there are no more than the window.
    """
    window = min(window, values.shape[-1])
    return np.lib.stride_tricks.sliding_window_view(values, window, axis=-1).mean(-1)


def batch_losses(
    path: Path, ends: np.ndarray, totals: np.ndarray, window: int, look: Mapping
) -> None:
    """The loss of each batch (seeds, steps): dots of the first seed, moving averages of all.

    An average stands at the last of its batches. Epochs end at the dotted lines. The axis holds 98
    of 100 batches of the first seed: the first few would hide what comes after them.
    """
    figure, ax = new_figure(look["width"], 0.4 * look["width"])
    steps = np.arange(1, totals.shape[1] + 1)
    ax.plot(steps, totals[0], ".", color="#bbbbbb", markersize=1.5, label="batch")
    means = moving_average(totals, window)
    for index, of_seed in enumerate(means):
        ax.plot(steps[-len(of_seed) :], of_seed, linewidth=0.8, **line_style(index))
    ax.lines[-1].set_label(f"mean of {min(window, len(steps))} batches, a line a seed")
    for end in ends:
        ax.axvline(end, color="#cccccc", linewidth=0.5, linestyle=":")
    low, high = np.percentile(totals[0], (0.5, 98.5))
    if low < high:
        ax.set_ylim(low - 0.05 * (high - low), high + 0.05 * (high - low))
    ax.set_xlabel("batch")
    ax.set_ylabel("nats per image")
    ax.legend()
    save(figure, path)
