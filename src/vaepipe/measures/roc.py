"""How well a score tells anomalous images from normal ones: the higher, the more anomalous."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vaepipe.core.errors import InputError

PERCENTILES = (2.5, 97.5)
"""Ends of an interval of 95 %."""
BLOCK = 100
"""Resamples at a time: memory does not grow with their number."""
FOREIGN, OWN, UNDECIDED = "foreign", "own", "not decided"


class Scores(NamedTuple):
    """A score of the same images by each training of a model; one row where none is trained."""

    normal: np.ndarray
    """(trainings, n)"""
    anomalous: np.ndarray
    """(trainings, m)"""


class Curve(NamedTuple):
    """Shares at or above each threshold, from (0, 0) to (1, 1): (distinct scores + 1,) each."""

    false_positives: np.ndarray
    """Of the normal images."""
    true_positives: np.ndarray
    """Of the anomalous images."""


class Estimate(NamedTuple):
    value: float
    low: float
    high: float


class Preference(NamedTuple):
    """Which images a likelihood prefers."""

    higher: float
    """The share of foreign images with a higher ELBO than the median normal image has."""
    aucs: list[float]
    """Of the negative ELBO by each training."""
    auc: Estimate
    verdict: str
    """FOREIGN, OWN or UNDECIDED."""


def curve(normal: np.ndarray, anomalous: np.ndarray) -> Curve:
    """The ROC curve of scores (n,) and (m,): Fawcett 2006, algorithm 1.

    All images of one score pass the threshold together, so that ties make a slanted line. Raises
    InputError, as all functions here do, if a set is empty or a score is not finite.
    """
    normal, anomalous = np.sort(_checked(normal)), np.sort(_checked(anomalous))
    thresholds = np.unique(np.concatenate([normal, anomalous]))[::-1]
    return Curve(
        *(
            np.append(0.0, 1 - np.searchsorted(of, thresholds) / len(of))
            for of in (normal, anomalous)
        )
    )


def auc(normal: np.ndarray, anomalous: np.ndarray) -> float:
    """The area under the curve of scores (n,) and (m,): P(anomalous > normal) + P(equal) / 2.

    Over all pairs: the statistic of Mann & Whitney (1947) over n m, as Hanley & McNeil 1982 show.
    """
    below, up_to = _places(np.sort(_checked(normal)), _checked(anomalous))
    return float((below + up_to).mean() / (2 * len(normal)))


def bootstrap(normal: np.ndarray, anomalous: np.ndarray, resamples: int, seed: int) -> np.ndarray:
    """The AUC of resamples of both sets, each drawn with replacement by itself: (resamples,).

    Efron & Tibshirani 1993, chapter 8. One seed draws the same images whatever their scores, so
    that the resamples of two scores are paired.
    """
    rng = np.random.default_rng(seed)
    normal, anomalous = _checked(normal), _checked(anomalous)
    order = np.argsort(normal)
    below, up_to = _places(normal[order], anomalous)
    parts = []
    for start in range(0, resamples, BLOCK):
        count = min(BLOCK, resamples - start)
        times = _times_drawn(len(normal), count, rng)[:, order]
        weights = _times_drawn(len(anomalous), count, rng)
        before = np.pad(times.cumsum(1), ((0, 0), (1, 0)))
        parts.append((weights * (before[:, below] + before[:, up_to])).sum(1))
    return np.concatenate(parts) / (2 * len(normal) * len(anomalous))


def aucs(scores: Scores) -> list[float]:
    """That of each training."""
    return [auc(*of) for of in zip(*scores, strict=True)]


def estimate(scores: Scores, resamples: int, seed: int) -> Estimate:
    """The mean AUC of the trainings, and its percentile interval of 95 % over other such images.

    Efron & Tibshirani 1993, chapter 13, with the trainings as they are. Where no image of one set
    reaches the scores of the other it is [1, 1] or [0, 0], however few they are.
    """
    return _interval(float(np.mean(aucs(scores))), _mean_of_trainings(scores, resamples, seed))


def difference(scores: Scores, others: Scores, resamples: int, seed: int) -> Estimate:
    """The mean AUC of scores less that of others of the same images, with its interval.

    Paired by image: both are of the same resamples. Raises InputError if the numbers of images
    differ.
    """
    if [of.shape[1] for of in scores] != [of.shape[1] for of in others]:
        raise InputError("two scores can only be compared on the same images.")
    gaps = _mean_of_trainings(scores, resamples, seed) - _mean_of_trainings(others, resamples, seed)
    return _interval(float(np.mean(aucs(scores)) - np.mean(aucs(others))), gaps)


def preference(negative_elbo: Scores, resamples: int, seed: int) -> Preference:
    """Whether a likelihood prefers the foreign images, as Nalisnick et al. 2019 found of some.

    It does where the AUC of the negative ELBO is below 0.5, all of its interval and that of each
    training; it prefers its own where all are above; else it is not decided.
    """
    found, of_each = estimate(negative_elbo, resamples, seed), aucs(negative_elbo)
    medians = np.median(negative_elbo.normal, axis=1, keepdims=True)
    if max(found.high, *of_each) < 0.5:
        verdict = FOREIGN
    elif min(found.low, *of_each) > 0.5:
        verdict = OWN
    else:
        verdict = UNDECIDED
    return Preference(float((negative_elbo.anomalous < medians).mean()), of_each, found, verdict)


def extremes(scores: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the lowest and of the highest of scores (n,), the most extreme first: (count,) each.

    Of equal scores the first rows. Raises InputError if there are fewer.
    """
    if not 1 <= count <= len(scores):
        raise InputError(f"{count} images of the highest scores were asked for of {len(scores)}.")
    return np.argsort(scores, kind="stable")[:count], np.argsort(-scores, kind="stable")[:count]


def _mean_of_trainings(scores: Scores, resamples: int, seed: int) -> np.ndarray:
    return np.mean([bootstrap(*of, resamples, seed) for of in zip(*scores, strict=True)], axis=0)


def _interval(value: float, resampled: np.ndarray) -> Estimate:
    return Estimate(value, *np.percentile(resampled, PERCENTILES).tolist())


def _places(ordered: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How many of ordered values are below each of values (m,), and how many are not above it."""
    return tuple(np.searchsorted(ordered, values, side) for side in ("left", "right"))


def _times_drawn(images: int, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """How often each image is in each resample of as many images, (resamples, images)."""
    rows = rng.integers(images, size=(resamples, images))
    rows += images * np.arange(resamples)[:, None]
    return np.bincount(rows.ravel(), minlength=rows.size).reshape(rows.shape)


def _checked(scores: Sequence[float]) -> np.ndarray:
    scores = np.asarray(scores)
    if not len(scores) or not np.isfinite(scores).all():
        raise InputError("scores must be finite numbers of at least one image of each set.")
    return scores
