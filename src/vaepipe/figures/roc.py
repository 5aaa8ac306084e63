"""Figures of how well scores tell two sets of images apart."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vaepipe.figures.style import DASHES, line_style, new_figure, save

Curve = tuple[np.ndarray, np.ndarray]
"""Shares of false and of true positives, (thresholds,) each."""


def draw_curves(
    path: Path,
    panels: Mapping[str, Mapping[str, Curve]],
    trivial: Sequence[str],
    look: Mapping,
) -> None:
    """A panel a set of normal images, by its title: the ROC curve of each score (Fawcett 2006).

    A score has one colour in all panels, and is named below them; those that are `trivial` are
    grey.
    """
    size = 0.48 * look["width"]
    width, height = size * max(2, len(panels)), 1.3 * size
    figure, axes = new_figure(width, height, 1, len(panels), squeeze=False)
    for ax, (title, curves) in zip(axes[0], panels.items(), strict=True):
        ax.plot([0, 1], [0, 1], color="#777777", linewidth=0.5, linestyle=":")
        coloured = [name for name in curves if name not in trivial]
        for name, curve in curves.items():
            if name in trivial:
                style = {"color": "#777777", "linestyle": DASHES[trivial.index(name) % len(DASHES)]}
            else:
                style = line_style(coloured.index(name))
            ax.plot(*curve, label=name, **style)
        ax.set(xlabel="share of normal images", ylabel="share of foreign images", title=title)
    handles, names = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=2)
    save(figure, path)
