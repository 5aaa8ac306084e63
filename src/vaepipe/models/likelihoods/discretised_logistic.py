"""Pixels of 8 bits: the mass of a logistic distribution in the bin of each of the 256 values."""

import torch
from torch import Tensor
from torch.nn import functional

BIN = 1 / 255
"""The width of a bin: images are multiples k / 255."""
FLOOR = -7.0
"""The least log scale (Salimans et al. 2017, in their code)."""


class Likelihood:
    """log of F((x + b / 2 - y) / s) - F((x - b / 2 - y) / s), with F the logistic function.

    y = sigmoid(first output), log s = the second, b a bin; the first and the last bin reach to
    infinity: Salimans et al. 2017, equation 2, with one component.
    """

    outputs = 2

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        first, second = output.chunk(2, dim=-1)
        precision = torch.exp(-second.clamp(min=FLOOR))
        centred = target - torch.sigmoid(first)
        below = functional.logsigmoid((centred + BIN / 2) * precision)
        above = functional.logsigmoid((BIN / 2 - centred) * precision)
        # F(a) - F(b) = F(a) F(-b) (1 - exp(b - a))
        inside = below + above + torch.log(-torch.expm1(-BIN * precision))
        ends = torch.where(target < BIN / 2, below, above)
        inner = (target > BIN / 2) & (target < 1 - BIN / 2)
        return torch.where(inner, inside, ends).sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        """The middle of the logistic distribution."""
        return torch.sigmoid(output.chunk(2, dim=-1)[0])
