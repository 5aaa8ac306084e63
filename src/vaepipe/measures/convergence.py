"""Whether a training has come to rest."""

import numpy as np

SHARE = 0.2
"""Of the epochs, the last: over these a training is asked whether it still moves."""


def window(epochs: int) -> int:
    """How many epochs at the end of so many are looked at: two at the least, if there are two."""
    return min(epochs, max(2, round(SHARE * epochs)))


def drift(objective: np.ndarray) -> float:
    """By how much an objective (seeds, epochs) falls over as many epochs as its window has.

    The slope of a straight line through the window of the mean over the seeds, by least squares,
    times its length; in the unit of the objective, 0 for a single epoch.
    """
    values = objective.mean(0)[-window(objective.shape[1]) :]
    if len(values) < 2:
        return 0.0
    slope = np.polyfit(np.arange(len(values)), values, 1)[0]
    return float(-slope * len(values))
