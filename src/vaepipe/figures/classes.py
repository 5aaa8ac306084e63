"""Figures of classes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vaepipe.figures.style import new_figure, save

WORD = 3
"""Characters that fit side by side."""
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
