"""Figures of scores that tell anomalous images from normal ones."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vaepipe.figures.style import (
    DASHES,
    draw_pixels,
    line_style,
    new_figure,
    save,
)

GREY = "#777777"


class Roc(NamedTuple):
    """The ROC curves of a score, one a training, each two arrays from (0, 0) to (1, 1)."""

    curves: Sequence[tuple[np.ndarray, np.ndarray]]
    """Shares of normal and of anomalous images above each threshold."""
    auc: float
    """A mean over the trainings, with its interval."""
    low: float
    high: float


def roc_curves(
    path: Path, scores: Mapping[str, Roc], trivial: Sequence[str], look: Mapping
) -> None:
    """All scores in one panel, by their names, with AUC and interval in the legend.

    Those that are `trivial` are grey. The diagonal is that of a score that knows nothing.
    """
    figure, ax = new_figure(look["width"], 0.45 * look["width"])
    coloured = [name for name in scores if name not in trivial]
    for name, of in scores.items():
        if name in trivial:
            style = {"color": GREY, "linestyle": DASHES[1 + trivial.index(name) % 3]}
        else:
            style = line_style(coloured.index(name))
        for false_positives, true_positives in of.curves:
            ax.plot(false_positives, true_positives, linewidth=0.9, **style)
        ax.lines[-1].set_label(f"{name}: {of.auc:.2f} [{of.low:.2f}, {of.high:.2f}]")
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.5)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_xlabel("share of normal images")
    ax.set_ylabel("share of anomalous images")
    figure.legend(loc="outside right center", title="AUC [95 % interval]")
    save(figure, path)


def scored_rows(
    path: Path,
    rows: Mapping[str, tuple[np.ndarray, np.ndarray]],
    shape: Sequence[int],
    look: Mapping,
) -> None:
    """Rows of images (columns, pixels), named at their left, each image below its score (columns,).

    All rows are as long as each other.
    """
    columns = len(next(iter(rows.values()))[1])
    side = 0.8 * look["width"] / columns
    high = side * shape[0] / shape[1] + 0.5
    figure, axes = new_figure(look["width"], high * len(rows), len(rows), columns, squeeze=False)
    for line, (name, (images, scores)) in zip(axes, rows.items(), strict=True):
        for ax, image, score in zip(line, images, scores, strict=True):
            draw_pixels(image.reshape(shape), ax, look["colormap"])
            ax.set_title(f"{score:.3g}", pad=2, fontsize=7)
        line[0].text(
            -0.1, 0.5, name, ha="right", va="center", fontsize=8, transform=line[0].transAxes
        )
    save(figure, path)
