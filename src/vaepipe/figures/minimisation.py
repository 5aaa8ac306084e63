"""Figures of the minimisation of an objective, image by image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vaepipe.figures.style import line_style, new_figure, save

Curve = tuple[Sequence[int], np.ndarray, np.ndarray, np.ndarray]
"""Steps (s,), and of the objective before each (s,) the mean, the low and the high end of a band.
"""


def falls(path: Path, curves: Mapping[str, Curve], unit: str, look: Mapping) -> None:
    """The objective of each method against the step, on a scale that is linear up to step 1."""
    figure, ax = new_figure(0.6 * look["width"], 0.36 * look["width"])
    for index, (name, (steps, mean, low, high)) in enumerate(curves.items()):
        style = line_style(index)
        ax.fill_between(steps, low, high, color=style["color"], alpha=0.2, linewidth=0)
        ax.plot(steps, mean, label=name, **style)
    ax.set_xscale("symlog", linthresh=1)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.set_xlabel("step")
    ax.set_ylabel(f"objective, {unit}")
    ax.legend()
    save(figure, path)
