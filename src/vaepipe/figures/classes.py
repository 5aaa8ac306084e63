"""Figures of classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vaepipe.figures.style import COLOURS, line_style, new_figure, save

WORD = 3
"""Characters that fit side by side."""
FEW = 10
"""Images of which a share says little."""
DARK = 0.5
"""Shares above it are written in white."""


def are_words(names: Sequence[str]) -> bool:
    return max(map(len, names)) > WORD


def slanted(names: Sequence[str], above: bool = False) -> dict[str, Any]:
    """How these names stand side by side below an axis, or above: slanted, if they are words."""
    return {"rotation": 45, "ha": "left" if above else "right"} if are_words(names) else {}


def confusion(path: Path, shares: np.ndarray, classes: Sequence[str], look: Mapping) -> None:
    """Of each class (a row) the share, in %, that is taken for each (a column)."""
    side = 0.46 * look["width"]
    figure, ax = new_figure(side, side)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    ax.grid(False)
    for row, column in np.argwhere(shares >= 0.005):
        share = shares[row, column]
        colour = "white" if share > DARK else "black"
        ax.text(
            column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=6, color=colour
        )
    ax.set_xticks(range(len(classes)), classes, **slanted(classes))
    ax.set_yticks(range(len(classes)), classes)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("taken for")
    ax.set_ylabel("class")
    save(figure, path)


def reliability(
    path: Path, confidence: np.ndarray, accuracy: np.ndarray, count: np.ndarray, look: Mapping
) -> None:
    """Accuracy against confidence, a line a seed over its bins of FEW images or more (seeds, bins).

    On the grey diagonal a classifier is right as often as it says. Below, the share of images in
    each bin, a mean over the seeds (Guo et al. 2017, figure 1).
    """
    side = 0.46 * look["width"]
    ratios = {"height_ratios": [3, 1]}
    figure, (ax, below) = new_figure(side, 1.2 * side, 2, sharex=True, gridspec_kw=ratios)
    ax.plot([0, 1], [0, 1], color="#777777", linewidth=0.8, linestyle=":")
    for said, done, images in zip(confidence, accuracy, count, strict=True):
        held = images >= FEW
        ax.plot(said[held], done[held], marker="o", markersize=2.5, linewidth=0.7, **line_style(0))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_ylabel("accuracy")
    shares = (count / count.sum(1, keepdims=True)).mean(0)
    width = 1 / len(shares)
    below.bar((np.arange(len(shares)) + 0.5) * width, shares, 0.9 * width, color=COLOURS[0])
    below.set_xlabel("confidence")
    below.set_ylabel("images")
    save(figure, path)
