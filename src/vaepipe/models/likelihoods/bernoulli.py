"""Bernoulli pixels, from logits."""

import torch
from torch import Tensor
from torch.nn import functional


class Likelihood:
    """x log y + (1 - x) log(1 - y) with y = sigmoid(output).

    On grey pixels this is a cross-entropy, not a normalised density (Loaiza-Ganem & Cunningham
    2019).
    """

    outputs = 1

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        target = target.expand_as(output)
        entropy = functional.binary_cross_entropy_with_logits(output, target, reduction="none")
        return -entropy.sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        return torch.sigmoid(output)
