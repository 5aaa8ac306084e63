"""Gaussian pixels of one standard deviation, whose means are outputs in [-1, 1]."""

import math

from torch import Tensor


class Likelihood:
    """-(log 2 pi + log d^2 + (x - y)^2 / d^2) / 2 with y = (1 + output) / 2 and deviation d.

    For networks that see images as numbers in [-1, 1]; those are in [0, 1], and so is d.
    """

    outputs = 1

    def __init__(self, deviation: float):
        self._variance = deviation**2

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        squared = (target - self.mean(output)).square() / self._variance
        return -0.5 * (math.log(2 * math.pi * self._variance) + squared).sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        return (1 + output) / 2
