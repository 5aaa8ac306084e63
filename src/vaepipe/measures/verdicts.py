"""What may be said of a difference between variants, against the spread of their seeds."""

import math
from collections.abc import Mapping
from typing import Any

from vaepipe.measures.catalogue import CATALOGUE


def best(measures: Mapping[str, Mapping], measure: str) -> str | None:
    """The variant with the best mean; None where more is neither better nor worse."""
    means = {name: values[measure]["mean"] for name, values in measures.items()}
    match CATALOGUE[measure].better:
        case "higher":
            return max(means, key=means.__getitem__)
        case "lower":
            return min(means, key=means.__getitem__)
    return None


def verdict(measure: Mapping[str, Any], baseline: Mapping[str, Any]) -> str:
    """Whether a measure is "better" or "worse" (higher or lower) than a baseline, or "unclear".

    A difference counts where it is larger than twice the standard deviation of a difference
    of two runs, sqrt(s1² + s2²). "unknown" where there is only one seed.
    """
    if measure["std"] is None or baseline["std"] is None:
        return "unknown"
    difference = measure["mean"] - baseline["mean"]
    if abs(difference) <= 2 * math.hypot(measure["std"], baseline["std"]):
        return "unclear"
    return "better" if difference > 0 else "worse"
