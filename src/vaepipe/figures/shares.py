"""Figures of how often images show each value of an attribute."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from vaepipe.figures.style import MARKERS, marker_style, new_figure, save

ACROSS = 4
"""Panels side by side, at the most."""
SPREAD = 0.6
"""Of the room of a value, where a row of panels has most, in which its points lie."""


class Panel(NamedTuple):
    """An attribute: its values, and of each set of images, by its name, the shares (values, 3).

    The columns are the share and the low and high ends of its interval, in [0, 1].
    """

    values: Sequence[str]
    shares: Mapping[str, np.ndarray]


def by_value(
    path: Path, panels: Mapping[str, Panel], trivial: Sequence[str], look: Mapping
) -> None:
    """A panel an attribute, in which each value has a point with its interval for each set, in %.

    A set has one colour in all panels. Those that are `trivial` are grey.
    """
    sets = list(dict.fromkeys(name for panel in panels.values() for name in panel.shares))
    coloured = [name for name in sets if name not in trivial]
    columns = min(ACROSS, len(panels))
    found = list(panels.items())
    most = [
        max(len(panel.values) for _, panel in found[start : start + columns])
        for start in range(0, len(found), columns)
    ]
    heights = [1.4 + 0.2 * len(sets) * values for values in most]
    figure, axes = new_figure(
        *(look["width"], 0.9 + sum(heights), len(heights), columns),
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    drawn = {}
    for index, (ax, (attribute, panel)) in enumerate(zip(axes.flat, found, strict=False)):
        places = np.arange(len(panel.values))
        spread = SPREAD * len(places) / most[index // columns]
        for name, shares in panel.shares.items():
            if name in trivial:
                marker = MARKERS[-1 - trivial.index(name) % len(MARKERS)]
                style = {"color": "#777777", "marker": marker}
            else:
                style = marker_style(coloured.index(name))
            share, low, high = 100 * np.asarray(shares).T
            drawn[name] = ax.errorbar(
                share,
                places + spread * ((sets.index(name) + 0.5) / len(sets) - 0.5),
                xerr=(share - low, high - share),
                linestyle="",
                markersize=3,
                elinewidth=0.8,
                **style,
            )
        ax.set_title(attribute)
        ax.set_yticks(places, panel.values)
        ax.set_ylim(len(places) - 0.5, -0.5)
        ax.set_xlim(left=0)
        ax.set_xlabel("images, %")
    figure.legend(
        [drawn[name] for name in sets],
        sets,
        loc="outside lower center",
        ncols=-(-len(sets) // 2),
    )
    save(figure, path)
