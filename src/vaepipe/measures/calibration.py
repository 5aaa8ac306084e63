"""Whether a classifier is right as often as it says."""

from typing import NamedTuple

import numpy as np

BINS = 15
"""Of equal width, as Guo et al. 2017 have them."""


class Reliability(NamedTuple):
    """What a classifier says and does, (bins,) each; both shares are 0 in an empty bin."""

    confidence: np.ndarray
    """The mean probability of the class that it names."""
    accuracy: np.ndarray
    """The share of images whose class it names."""
    count: np.ndarray
    """Images."""


def reliability(probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS) -> Reliability:
    """Of images in bins of the probability of the class that is named (Guo et al. 2017, eq. 1-2).

    `probabilities` are (n, classes), `labels` (n,). Bin m of M holds what lies in ((m-1)/M, m/M].
    """
    named = probabilities.max(1).astype(np.float64)
    right = probabilities.argmax(1) == labels
    rows = (np.ceil(named * bins).astype(int) - 1).clip(0, bins - 1)
    count, said, done = (np.bincount(rows, of, bins) for of in (None, named, right))
    images = count.clip(min=1)
    return Reliability(said / images, done / images, count)


def expected_calibration_error(
    probabilities: np.ndarray, labels: np.ndarray, bins: int = BINS
) -> float:
    """The gap between confidence and accuracy, a mean over images (Guo et al. 2017, eq. 3).

    sum over bins of count / n * |accuracy - confidence|, with the bins of `reliability`.
    """
    found = reliability(probabilities, labels, bins)
    gaps = np.abs(found.accuracy - found.confidence)
    return float((found.count * gaps).sum() / found.count.sum())
