"""What may be said of differences between variants, where each has been trained by several seeds.

Welch's t test (1947) for means whose spreads may differ, and Holm's correction (1979) for all the
comparisons that are made together: where nothing differs, at least 99 of 100 such sets decide
none. All trainings are taken as independent.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from vaepipe.measures.catalogue import CATALOGUE

LEVEL = 0.01
"""The chance that any of a set of comparisons is decided where there is no difference.

Stricter than the usual 5 %: what is only just decided is so by as many other trainings every second
time (Goodman 1992), and other processors train anew.
"""
CONFIDENCE = 0.95
"""Of an interval, by itself."""
REPEATS = 2000
"""Simulated sets of trainings: a chance is within 2 % of its value."""
UNDECIDED, UNKNOWN = "not decided", "no verdict"


class Comparison(NamedTuple):
    """A contrast of means over the seeds, in the unit of its measure."""

    difference: float
    low: float | None
    """Lower end of its own 95 % interval; None where a spread is unknown, as are the next two."""
    high: float | None
    p: float | None
    """Adjusted for all comparisons of the set."""
    again: float | None
    """The chance that as many other seeds decide it, to this side: see `_again`."""
    verdict: str
    """better, worse, not decided; "no verdict" with a single seed or none that differ."""


class Contrast(NamedTuple):
    """A weighted sum of means: of each group the values over the seeds, and its weight."""

    measure: str
    groups: Sequence[Sequence[float]]
    weights: Sequence[float]


def difference(measure: str, values: Sequence[float], others: Sequence[float]) -> Contrast:
    """The mean of values less that of others."""
    return Contrast(measure, (values, others), (1, -1))


def judge(contrasts: Sequence[Contrast]) -> list[Comparison]:
    """Compare all of these as one set, each by a measure that has a better end."""
    tests = [_welch(contrast) for contrast in contrasts]
    tested = [contrast for contrast, test in zip(contrasts, tests, strict=True) if test]
    known = iter(
        zip(holm([_two_sided(test) for test in tests if test]), _again(tested), strict=True)
    )
    return [
        _judged(contrast, test, *(next(known) if test else (None, None)))
        for contrast, test in zip(contrasts, tests, strict=True)
    ]


class _Test(NamedTuple):
    estimate: float
    error: float
    """The standard error of the estimate."""
    freedom: float


def _welch(contrast: Contrast) -> _Test | None:
    """The estimate of a contrast; None where a spread is not known.

    Degrees of freedom of Welch (1947) and Satterthwaite (1946).
    """
    if min(map(len, contrast.groups)) < 2 or not any(np.ptp(values) for values in contrast.groups):
        return None
    parts = [
        weight**2 * np.var(values, ddof=1) / len(values)
        for values, weight in zip(contrast.groups, contrast.weights, strict=True)
    ]
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(values) - 1) for part, values in zip(parts, contrast.groups, strict=True)
    )
    return _Test(_estimate(contrast), math.sqrt(sum(parts)), freedom)


def _estimate(contrast: Contrast) -> float:
    means = [np.mean(values) for values in contrast.groups]
    return float(np.dot(contrast.weights, means))


def _two_sided(test: _Test) -> float:
    return float(2 * stats.t.sf(abs(test.estimate) / test.error, test.freedom))


def _again(contrasts: Sequence[Contrast]) -> list[float]:
    """For each contrast of a set the share of simulated sets that decide it, to the same side.

    In these, values over the seeds are normal with the means and standard deviations found: the
    estimated power, which Shao & Chow (2002) call a reproducibility probability. It is too high,
    on average, for what was decided, since differences are decided where chance made them larger.
    """
    rng = np.random.default_rng(0)
    drawn: dict[tuple[float, ...], np.ndarray] = {}
    p, sides = np.empty((len(contrasts), REPEATS)), np.empty((len(contrasts), REPEATS), bool)
    for row, contrast in enumerate(contrasts):
        for values in map(tuple, contrast.groups):
            if values not in drawn:
                noise = rng.standard_normal((REPEATS, len(values)))
                drawn[values] = np.mean(values) + np.std(values, ddof=1) * noise
        groups = [drawn[tuple(values)] for values in contrast.groups]
        weights = np.array(contrast.weights)[:, None]
        sizes = np.array([len(values) for values in contrast.groups])[:, None]
        estimates = (weights * [of.mean(1) for of in groups]).sum(0)
        parts = weights**2 * [of.var(1, ddof=1) for of in groups] / sizes
        errors = np.sqrt(parts.sum(0))
        freedom = parts.sum(0) ** 2 / (parts**2 / (sizes - 1)).sum(0)
        p[row] = 2 * stats.t.sf(np.abs(estimates) / errors, freedom)
        sides[row] = (estimates > 0) == (_estimate(contrast) > 0)
    decided = np.array([holm(of_set) for of_set in p.T]).reshape(REPEATS, -1).T <= LEVEL
    return (decided & sides).mean(1).tolist()


def _judged(
    contrast: Contrast, test: _Test | None, p: float | None, again: float | None
) -> Comparison:
    higher = {"higher": True, "lower": False}[CATALOGUE[contrast.measure].better]
    if test is None or p is None:
        return Comparison(_estimate(contrast), None, None, None, None, UNKNOWN)
    reach = float(stats.t.ppf((1 + CONFIDENCE) / 2, test.freedom)) * test.error
    decided = "better" if (test.estimate > 0) == higher else "worse"
    low, high = test.estimate - reach, test.estimate + reach
    return Comparison(test.estimate, low, high, p, again, decided if p <= LEVEL else UNDECIDED)


def standard_error(differences: Sequence[float]) -> float:
    """That of the mean of differences that are paired by image, (n,), over other such images."""
    return float(np.std(differences, ddof=1) / math.sqrt(len(differences)))


def holm(p: Sequence[float]) -> list[float]:
    """p-values adjusted for being several, in the same order (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    adjusted = np.maximum.accumulate(np.arange(len(p), 0, -1) * np.asarray(p, float)[order])
    found = np.empty(len(p))
    found[order] = np.minimum(adjusted, 1)
    return found.tolist()


def best(values: Mapping[str, Sequence[float]], measure: str) -> list[str]:
    """The variants among which the best one is, with a confidence of 99 %, in their order.

    All but those to which another is superior in a one-sided test of Welch, at the level of 1 %
    over the number of others: so many comparisons has the best one to survive (Hsu 1984, with
    Bonferroni's inequality for unequal spreads). None are where more is neither better nor worse,
    and where there is no verdict.
    """
    better = CATALOGUE[measure].better
    others = len(values) - 1
    if better is None or not others:
        return []
    tests = {
        (name, other): _welch(difference(measure, values[other], values[name]))
        for name in values
        for other in values
        if other != name
    }
    if None in tests.values():
        return []
    sign = 1 if better == "higher" else -1
    beaten = {
        name
        for (name, _), test in tests.items()
        if stats.t.sf(sign * test.estimate / test.error, test.freedom) <= LEVEL / others
    }
    return [name for name in values if name not in beaten]
