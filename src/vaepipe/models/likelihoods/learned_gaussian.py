"""Gaussian pixels, the variance of each of which is the decoder's too."""

import math

import torch
from torch import Tensor
from torch.nn import functional

FLOOR = -math.log(12 * 255**2)
"""The least log variance, that of rounding to multiples of 1 / 255: else a density is unbounded."""


class Likelihood:
    """-(log 2 pi + log v + (x - y)^2 / v) / 2 with y = sigmoid(first output) and variance v.

    log v rises with the second output, from a floor that it nears softly (Rybkin et al. 2021).
    """

    outputs = 2

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        first, second = output.chunk(2, dim=-1)
        log_variance = FLOOR + functional.softplus(second - FLOOR)
        squared = (target - torch.sigmoid(first)) ** 2 * torch.exp(-log_variance)
        return -0.5 * (math.log(2 * math.pi) + log_variance + squared).sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        return torch.sigmoid(output.chunk(2, dim=-1)[0])
