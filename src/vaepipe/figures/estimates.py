"""Figures of estimates by draws, against the number of draws."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.figures.style import COLOURS, line_style, new_figure, save

STEPS = 3
"""Between the numbers below a panel, at the most: so that those of five digits stand apart."""


def spread_by_draws(
    path: Path,
    draws: Sequence[int],
    values: np.ndarray,
    exact: float,
    unit: str,
    look: Mapping,
    known: str = "closed form",
) -> None:
    """Estimates (numbers of draws, repeats) against the number of draws, beside what they estimate.

    The line is their mean, the band holds 95 of 100. `known` says how that is known.
    """
    figure, ax = new_figure(0.48 * look["width"], 0.32 * look["width"])
    style = line_style(0)
    low, high = np.percentile(values, (2.5, 97.5), axis=1)
    ax.fill_between(draws, low, high, color=style["color"], alpha=0.2, linewidth=0)
    ax.plot(draws, values.mean(1), marker="o", markersize=2.5, label="estimate", **style)
    ax.axhline(exact, color="#777777", linewidth=1.0, linestyle="--", label=known)
    ax.set_xscale("log")
    ax.set_xlabel("draws")
    ax.set_ylabel(unit)
    ax.legend()
    save(figure, path)


def errors_by_draws(
    path: Path,
    draws: Sequence[int],
    estimates: Mapping[str, np.ndarray],
    exact: float,
    unit: str,
    look: Mapping,
) -> None:
    """Root mean square errors of estimators (numbers of draws, repeats) against the draws.

    On logarithmic scales, with a grey line below the first one, which falls as one over the root of
    the draws.
    """
    figure, ax = new_figure(0.48 * look["width"], 0.32 * look["width"])
    numbers = np.array(draws)
    for index, (name, values) in enumerate(estimates.items()):
        errors = np.sqrt(((values - exact) ** 2).mean(1))
        ax.plot(numbers, errors, marker="o", markersize=2.5, label=name, **line_style(index))
        if index == 0:
            slope = errors[0] / 2 * np.sqrt(numbers[0] / numbers)
            ax.plot(numbers, slope, color="#777777", linewidth=0.8, linestyle=":")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("draws")
    ax.set_ylabel(unit)
    ax.legend()
    save(figure, path)


def by_variant(
    path: Path,
    values: Mapping[str, Mapping[str, Sequence[float]]],
    look: Mapping,
) -> None:
    """A panel a measure, in which each variant has a row with a point a seed, and its mean.

    `values` hold the seeds' values of each variant by the label of the measure.
    """
    names = list(next(iter(values.values())))
    columns = min(3, len(values))
    rows = -(-len(values) // columns)
    height = rows * (1.6 + 0.45 * len(names))
    figure, axes = new_figure(look["width"], height, rows, columns, sharey=True, squeeze=False)
    for ax in axes.flat[len(values) :]:
        ax.set_axis_off()
    for ax, (label, of_variants) in zip(axes.flat, values.items(), strict=False):
        for row, name in enumerate(names):
            found = np.array(of_variants[name])
            colour = COLOURS[row % len(COLOURS)]
            ax.plot(found, np.full(len(found), row), "o", color=colour, markersize=3, alpha=0.6)
            ax.plot([found.mean()] * 2, [row - 0.3, row + 0.3], color=colour)
        ax.set_xlabel(label)
        ax.xaxis.set_major_locator(MaxNLocator(STEPS))
        ax.set_yticks(range(len(names)), names)
        ax.set_ylim(len(names) - 0.5, -0.5)
    save(figure, path)
