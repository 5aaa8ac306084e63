"""Continuous Bernoulli pixels, from logits: a normalised density on [0, 1]."""

import math

import torch
from torch import Tensor
from torch.nn import functional

NEAR = 0.05
"""Logits so near to 0 that quotients of what vanishes there are taken from their series."""


class Likelihood:
    """x log y + (1 - x) log(1 - y) + log C(y) with y = sigmoid(output).

    Loaiza-Ganem & Cunningham 2019. With y = sigmoid(l) its C is l / tanh(l / 2).
    """

    outputs = 1

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        target = target.expand_as(output)
        entropy = functional.binary_cross_entropy_with_logits(output, target, reduction="none")
        return (log_normaliser(output) - entropy).sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        """The mean of the density, which y itself is not."""
        near = output.abs() < NEAR
        far = torch.where(near, NEAR, output)
        series = 0.5 + output / 12 - output**3 / 720
        return torch.where(near, series, torch.sigmoid(far) / torch.tanh(far / 2) - 1 / far)


def log_normaliser(logits: Tensor) -> Tensor:
    """log C: log 2 at 0, from where it rises to both sides."""
    near = logits.abs() < NEAR
    far = torch.where(near, NEAR, logits)
    series = math.log(2) + logits**2 / 12 - logits**4 * 7 / 1440
    return torch.where(near, series, torch.log(far / torch.tanh(far / 2)))
