"""From the measures of single seeds to means and spreads."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

HEADLINE = ("elbo", "iw_bound", "active_units", "psnr", "ssim", "knn_accuracy")
"""The measures that people compare, and that metrics.json holds."""


def summarise(seeds: Sequence[int], measures: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """For each measure its values over the seeds, their mean and standard deviation.

    The standard deviation is the sample's (n - 1 in the denominator), None for a single seed.
    """
    values = {name: [measure[name] for measure in measures] for name in measures[0]}
    return {
        "seeds": list(seeds),
        "measures": {
            name: {
                "mean": statistics.fmean(series),
                "std": statistics.stdev(series) if len(series) > 1 else None,
                "values": series,
            }
            for name, series in values.items()
        },
    }


def headline(summary: Mapping[str, Any]) -> dict[str, float]:
    """The means that people compare, to 4 significant digits: more differ between processors."""
    return {name: significant(summary["measures"][name]["mean"], 4) for name in HEADLINE}


def significant(value: float, digits: int) -> float:
    """Round to a number of significant digits."""
    return float(f"{value:.{digits}g}")
