"""How often images show each value of an attribute, such as sunglasses, by a judge of it.

A judge errs, so what it says of samples is compared with what it says of test images, beside what
these are: where it errs alike on both, its errors cancel.
"""

import math
import statistics
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy import optimize, stats

from vaepipe.measures import verdicts
from vaepipe.measures.verdicts import CONFIDENCE, LEVEL, UNDECIDED, UNKNOWN

MORE, LESS = "more", "less"
SMALLEST = 1e-12
"""A p-value below it is given as this."""

Key = TypeVar("Key", bound=Hashable)


class Views(NamedTuple):
    """What a judge of an attribute says of images, by its values in their order."""

    values: Sequence[str]
    labels: np.ndarray
    """Of the clean test images, (n,), as indices of the values."""
    test: np.ndarray
    """How probable it takes each value to be for these, (n, values)."""
    samples: np.ndarray
    """The same for as many samples of the model of each seed, (seeds, m, values)."""


class Share(NamedTuple):
    """A share of images with its interval, all in [0, 1]."""

    share: float
    low: float
    high: float


def wilson(count: int, images: int, level: float = 1 - CONFIDENCE) -> Share:
    """The share count / images, with the score interval that misses with a chance of `level`.

    Wilson 1927: all p with |share - p| <= z (p (1 - p) / images)^(1/2). It has no width beyond 0
    and 1, and some at them.
    """
    share, squared = count / images, stats.norm.isf(level / 2) ** 2 / images
    middle = (share + squared / 2) / (1 + squared)
    reach = math.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    return Share(share, min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach)))


def over_seeds(counts: Sequence[int], images: int, level: float = 1 - CONFIDENCE) -> Share:
    """The mean of the shares count / images over the seeds, with an interval for it.

    Student's t interval over the seeds, cut to [0, 1], but not narrower than Wilson's of all images
    together, which is what a single seed has: seeds may agree by chance, as where a value is rare.
    """
    together = wilson(sum(counts), len(counts) * images, level)
    if len(counts) == 1:
        return together
    shares = np.array(counts) / images
    reach = float(stats.t.isf(level / 2, len(shares) - 1) * stats.sem(shares))
    low, high = max(0.0, together.share - reach), min(1.0, together.share + reach)
    return Share(together.share, min(low, together.low), max(high, together.high))


def difference(samples: Share, data: Share) -> Share:
    """The share of samples less that of data, with an interval of the same level.

    Newcombe 1998, method 10, which Zou & Donner 2008 found for any two intervals: an end is as far
    from the difference as those ends of both, towards each other, are together by Pythagoras.
    """
    gap = samples.share - data.share
    below = math.hypot(samples.share - samples.low, data.high - data.share)
    above = math.hypot(samples.high - samples.share, data.share - data.low)
    return Share(gap, gap - below, gap + above)


def p_value(counts: Sequence[int], images: int, count: int, test: int) -> float:
    """The level at which the interval of the difference begins to hold 0; SMALLEST at the least.

    `counts` of so many samples of each seed, `count` of the test images.
    """

    def margin(logarithm: float) -> float:
        level = math.exp(logarithm)
        gap, low, high = difference(over_seeds(counts, images, level), wilson(count, test, level))
        return low if gap > 0 else -high

    lowest = math.log(SMALLEST)
    return SMALLEST if margin(lowest) > 0 else math.exp(optimize.brentq(margin, lowest, 0.0))


def merged(of: Views, groups: Mapping[str, Sequence[str]]) -> Views:
    """The same with the values of each group as one, of the group's name; the others stay.

    An image is taken for a group if its values together are the most probable.
    """
    names = {value: group for group, values in groups.items() for value in values}
    found = [names.get(value, value) for value in of.values]
    kept = list(dict.fromkeys(found))
    into = np.array([[value == name for name in kept] for value in found], float)
    return Views(kept, into.argmax(1)[of.labels], of.test @ into, of.samples @ into)


def compare(views: Mapping[Key, Views]) -> dict[Key, list[dict[str, Any]]]:
    """Whether samples show each value as often as the data, and as distinctly; a row a value.

    Each row has its `value`, the shares with their 95 % intervals (`share`, `low`, `high`)

    - `true`, of the test images that have it,
    - `test`, of the test images that the judge takes for it,
    - `samples`, of the samples that it takes for it, with the `values` of the seeds,

    `difference`, that of the last two (`difference`, `low`, `high`, `p`, `verdict`: "more", "less"
    or "not decided"), and `confidence`, the judge's mean probability of the value over the images
    that it takes for it: of `test` and `samples`, with the `values` of the seeds, and what
    `verdicts.judge` says of the difference ("better", "worse"); None where no image is such.

    All shares here are one set by Holm's correction, all confidences another. "no verdict" is what
    a single seed has.
    """
    places = [(key, index) for key, of in views.items() for index in range(len(of.values))]
    shares = [_shares(views[key], index) for key, index in places]
    confidences = [_confidences(views[key], index) for key, index in places]
    found: dict[Key, list[dict[str, Any]]] = {key: [] for key in views}
    for (key, _), *of in zip(places, _decided(shares), _compared(confidences), strict=True):
        found[key].append(of[0] | {"confidence": of[1]})
    return found


def _shares(of: Views, index: int) -> dict[str, Any]:
    """The row of a value, of which p is not adjusted yet."""
    seeds, images = of.samples.shape[:2]
    counts = (of.samples.argmax(-1) == index).sum(1).tolist()
    test, count = len(of.test), int((of.test.argmax(-1) == index).sum())
    samples, seen = over_seeds(counts, images), wilson(count, test)
    gap = difference(samples, seen)
    p = p_value(counts, images, count, test) if seeds > 1 else None
    return {
        "value": of.values[index],
        "true": wilson(int((of.labels == index).sum()), test)._asdict(),
        "test": seen._asdict(),
        "samples": samples._asdict() | {"values": [count / images for count in counts]},
        "difference": {"difference": gap.share, "low": gap.low, "high": gap.high, "p": p},
    }


def _decided(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows with adjusted p-values and verdicts."""
    gaps = [row["difference"] for row in rows]
    adjusted = iter(verdicts.holm([gap["p"] for gap in gaps if gap["p"] is not None]))
    told = []
    for gap in gaps:
        p, verdict = None, UNKNOWN
        if gap["p"] is not None:
            p, side = next(adjusted), MORE if gap["difference"] > 0 else LESS
            verdict = side if p <= LEVEL else UNDECIDED
        told.append(gap | {"p": p, "verdict": verdict})
    return [row | {"difference": gap} for row, gap in zip(rows, told, strict=True)]


class _Confidences(NamedTuple):
    """The judge's probabilities of a value, where it takes images for it."""

    test: list[float]
    """Of each such test image."""
    samples: list[float | None]
    """The mean over such samples of each seed; None if it has none."""

    @property
    def known(self) -> list[float]:
        return [mean for mean in self.samples if mean is not None]


def _confidences(of: Views, index: int) -> _Confidences:
    seen, *drawn = (
        some[some.argmax(-1) == index, index].astype(float) for some in (of.test, *of.samples)
    )
    return _Confidences(
        seen.tolist(), [float(some.mean()) if len(some) else None for some in drawn]
    )


def _compared(confidences: Sequence[_Confidences]) -> list[dict[str, Any]]:
    """The means of both, and what is said of their differences."""
    asked = [of for of in confidences if of.test and of.known]
    contrasts = [verdicts.difference("attribute_confidence", of.known, of.test) for of in asked]
    judged = iter(verdicts.judge(contrasts))
    none = dict.fromkeys(verdicts.Comparison._fields) | {"verdict": UNKNOWN}
    return [
        {
            "test": statistics.fmean(of.test) if of.test else None,
            "samples": statistics.fmean(of.known) if of.known else None,
            "values": of.samples,
            **(next(judged)._asdict() if of.test and of.known else none),
        }
        for of in confidences
    ]
