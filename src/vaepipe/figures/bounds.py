"""Figures of the parts of the evidence lower bound."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.figures.style import marker_style, new_figure, save

LINES = 8
"""Of equal bounds, at about so many values."""


def rate_distortion(path: Path, points: Mapping[str, np.ndarray], look: Mapping) -> None:
    """KL against reconstruction, (2, seeds) in nats for each variant: a point a seed.

    Grey lines join points of one ELBO (Alemi et al. 2018, figure 1).
    """
    figure, ax = new_figure(look["width"], 0.5 * look["width"])
    for index, (name, (rate, distortion)) in enumerate(points.items()):
        ax.scatter(rate, distortion, s=18, label=name, zorder=3, **marker_style(index))
    limits = ax.get_xlim(), ax.get_ylim()
    low, high = (sum(ends) for ends in zip(*limits, strict=True))
    for level in MaxNLocator(LINES, steps=[1, 2, 5, 10]).tick_values(low, high):
        ends = np.array(limits[0])
        ax.plot(ends, level - ends, color="#bbbbbb", linewidth=0.5, zorder=1)
        _label(ax, level, *limits)
    ax.set(xlim=limits[0], ylim=limits[1])
    ax.set_xlabel("rate: KL, nats")
    ax.set_ylabel("distortion: reconstruction, nats")
    ax.grid(False)
    figure.legend(loc="outside right upper")
    save(figure, path)


def _label(ax, level: float, rates: tuple[float, float], distortions: tuple[float, float]) -> None:
    """Write a line's ELBO where it leaves the picture at the top, or else at the left."""
    rate, distortion = level - distortions[1], distortions[1]
    if not rates[0] <= rate <= rates[1]:
        rate, distortion = rates[0], level - rates[0]
        if not distortions[0] <= distortion <= distortions[1]:
            return
    ax.annotate(
        f"{-level:g}".replace("-", "\N{MINUS SIGN}"),
        (rate, distortion),
        (2, -6),
        textcoords="offset points",
        fontsize=6,
        color="#777777",
    )
