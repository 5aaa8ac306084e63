"""Fully connected encoder and decoder that mirror each other."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}
"""Between layers."""


def encoder(
    shape: Sequence[int], outputs: int, hidden: Sequence[int], activation: str
) -> nn.Module:
    """Images (n, pixels) of a shape to (n, outputs)."""
    return _layers([math.prod(shape), *hidden, outputs], activation)


def decoder(
    latent: int, shape: Sequence[int], outputs: int, hidden: Sequence[int], activation: str
) -> nn.Module:
    """Latents (n, latent) to the outputs (n, outputs * pixels) for images of a shape."""
    return _layers([latent, *reversed(hidden), outputs * math.prod(shape)], activation)


def _layers(widths: Sequence[int], activation: str) -> nn.Sequential:
    between = ACTIVATIONS[activation]
    linear = [nn.Linear(before, after) for before, after in pairwise(widths)]
    return nn.Sequential(*(part for layer in linear for part in (layer, between())))[:-1]
