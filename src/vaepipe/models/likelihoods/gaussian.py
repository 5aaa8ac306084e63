"""Gaussian pixels of one standard deviation, which params.yaml states."""

import math

import torch
from torch import Tensor


class Likelihood:
    """-(log 2 pi + log d^2 + (x - y)^2 / d^2) / 2 with y = sigmoid(output) and deviation d."""

    outputs = 1

    def __init__(self, deviation: float):
        self._variance = deviation**2

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        squared = (target - torch.sigmoid(output)) ** 2 / self._variance
        return -0.5 * (math.log(2 * math.pi * self._variance) + squared).sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        return torch.sigmoid(output)
