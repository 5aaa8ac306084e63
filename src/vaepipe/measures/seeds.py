"""From the measures of single seeds to means and spreads."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any


def summarise(seeds: Sequence[int], measures: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """For each measure its values over the seeds, their mean and standard deviation.

    The standard deviation is the sample's (n - 1 in the denominator), None for a single seed.
    """
    values = {name: [measure[name] for measure in measures] for name in measures[0]}
    return {
        "seeds": list(seeds),
        "measures": {name: spread(series) for name, series in values.items()},
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Mean, standard deviation and values of one measure over the seeds."""
    return {
        "mean": statistics.fmean(values),
        "std": statistics.stdev(values) if len(values) > 1 else None,
        "values": list(values),
    }


def headline(summary: Mapping[str, Any], names: Sequence[str]) -> dict[str, float]:
    """Means of those of these measures that were taken, to 4 significant digits.

    More differ between processors.
    """
    found = summary["measures"]
    return {name: significant(found[name]["mean"], 4) for name in names if name in found}


def significant(value: float, digits: int) -> float:
    """Round to a number of significant digits."""
    return float(f"{value:.{digits}g}")
