"""What may be said of a difference between variants, where each has been trained by several seeds.

Welch's t test (1947) for two means whose spreads may differ, and Holm's correction (1979) for all
the comparisons that are made together: where nothing differs, at least 95 of 100 such sets decide
none. Both take the values of two variants as independent.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from scipy import stats

from vaepipe.measures.catalogue import CATALOGUE

LEVEL = 0.05
"""The chance that any of a set of comparisons is decided where there is no difference."""
UNDECIDED, UNKNOWN = "not decided", "no verdict"

Pair = tuple[str, str]
"""A variant and the other that it is compared with."""


class Comparison(NamedTuple):
    """A difference of means over the seeds, in the unit of its measure."""

    difference: float
    low: float | None
    """Lower end of its own 95 % interval; None where a spread is unknown, as are the next two."""
    high: float | None
    p: float | None
    """Adjusted for all comparisons of the set."""
    verdict: str
    """better, worse, not decided; "no verdict" with a single seed or none that differ."""


class Samples(NamedTuple):
    """A measure's values over the seeds, of a variant and of what it is compared with."""

    measure: str
    values: Sequence[float]
    others: Sequence[float]


def compare(values: Mapping[str, Sequence[float]], measure: str) -> dict[Pair, Comparison]:
    """Compare all pairs of variants by one measure, as one set; each pair in both directions.

    `values` are those of the seeds, for each variant.
    """
    pairs = list(combinations(values, 2))
    judged = judge([Samples(measure, values[name], values[other]) for name, other in pairs])
    found = dict(zip(pairs, judged, strict=True))
    return found | {(other, name): _turned(of) for (name, other), of in found.items()}


def _turned(found: Comparison) -> Comparison:
    low, high = (None if end is None else -end for end in (found.high, found.low))
    verdict = {"better": "worse", "worse": "better"}.get(found.verdict, found.verdict)
    return Comparison(-found.difference, low, high, found.p, verdict)


def judge(samples: Sequence[Samples]) -> list[Comparison]:
    """Compare all of these as one set, each by a measure that has a better end."""
    tests = [_welch(found.values, found.others) for found in samples]
    known = iter(holm([test.pvalue for test in tests if test]))
    return [
        _judged(found, test, next(known) if test else None)
        for found, test in zip(samples, tests, strict=True)
    ]


def _judged(samples: Samples, test, p: float | None) -> Comparison:
    higher = {"higher": True, "lower": False}[CATALOGUE[samples.measure].better]
    difference = float(np.mean(samples.values) - np.mean(samples.others))
    if p is None:
        return Comparison(difference, None, None, None, UNKNOWN)
    low, high = map(float, test.confidence_interval(1 - LEVEL))
    decided = "better" if (difference > 0) == higher else "worse"
    return Comparison(difference, low, high, p, decided if p <= LEVEL else UNDECIDED)


def _welch(a: Sequence[float], b: Sequence[float]):
    """The test of two samples; None where their spreads are not known."""
    if min(len(a), len(b)) < 2 or np.ptp(a) == np.ptp(b) == 0:
        return None
    return stats.ttest_ind(a, b, equal_var=False)


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for being several, in the same order (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(np.arange(len(p), 0, -1) * np.asarray(p, float)[order])
    found = np.empty(len(p))
    found[order] = np.minimum(adjusted, 1)
    return found.tolist()


def best(values: Mapping[str, Sequence[float]], measure: str) -> list[str]:
    """The variant with the best mean and all that are not shown to be worse, in their order.

    None are where more is neither better nor worse, and where there is no verdict.
    """
    better = CATALOGUE[measure].better
    if better is None or len(values) < 2:
        return []
    found = compare(values, measure)
    if any(of.verdict == UNKNOWN for of in found.values()):
        return []
    first = (max if better == "higher" else min)(values, key=lambda name: np.mean(values[name]))
    return [name for name in values if name == first or found[name, first].verdict == UNDECIDED]
