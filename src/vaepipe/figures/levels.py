"""Figures of measures against the level of noise."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from vaepipe.figures.style import DASHES, draw_band, new_figure, save

Values = Mapping[str, np.ndarray]
"""Of each method a measure of each seed at each level, (seeds, levels)."""


def by_level(
    path: Path,
    levels: Sequence[float],
    panels: Mapping[str, Values],
    trivial: Sequence[str],
    level: float,
    look: Mapping,
) -> None:
    """A panel a measure, named by its label: of each method the mean and band over the seeds.

    A method has one colour in all panels, and need not be in each. Those that are `trivial` are
    grey. `level` is that of the data set.
    """
    methods = list(dict.fromkeys(name for values in panels.values() for name in values))
    coloured = [name for name in methods if name not in trivial]
    figure, axes = new_figure(look["width"], 0.44 * look["width"], 1, len(panels), squeeze=False)
    drawn = {}
    for ax, (label, values) in zip(axes[0], panels.items(), strict=True):
        for name, found in values.items():
            if name in trivial:
                dashes = DASHES[trivial.index(name) % len(DASHES)]
                grey = {"color": "#777777", "linestyle": dashes, "linewidth": 1.0}
                ax.plot(levels, found.mean(0), label=name, **grey)
            else:
                draw_band(ax, levels, found, name, coloured.index(name), "o")
        handles, names = ax.get_legend_handles_labels()
        drawn |= dict(zip(names, handles, strict=True))
        ax.axvline(level, color="#777777", linewidth=0.5, linestyle=":")
        ax.set_xticks(levels)
        ax.set_xlabel("level of noise")
        ax.set_ylabel(label)
    figure.legend(
        [drawn[name] for name in methods],
        methods,
        loc="outside lower center",
        ncols=-(-len(methods) // 2),
    )
    save(figure, path)
