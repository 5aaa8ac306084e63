"""Fully connected encoder and decoder that mirror each other, with ReLU between layers."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import nn


def encoder(shape: Sequence[int], outputs: int, hidden: Sequence[int]) -> nn.Module:
    """Images (n, pixels) of a shape to (n, outputs)."""
    return _layers([math.prod(shape), *hidden, outputs])


def decoder(latent: int, shape: Sequence[int], hidden: Sequence[int]) -> nn.Module:
    """Latents (n, latent) to the pixels (n, pixels) of images of a shape."""
    return _layers([latent, *reversed(hidden), math.prod(shape)])


def _layers(widths: Sequence[int]) -> nn.Sequential:
    linear = [nn.Linear(before, after) for before, after in pairwise(widths)]
    return nn.Sequential(*(part for layer in linear for part in (layer, nn.ReLU())))[:-1]
