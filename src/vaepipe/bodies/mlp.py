"""Fully connected encoder and decoder that mirror each other, with ReLU between layers."""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn


def build(pixels: int, latent: int, hidden: Sequence[int]) -> tuple[nn.Module, nn.Module]:
    """Encoder (n, pixels) -> (n, 2 latent), decoder (n, latent) -> (n, pixels).

    The encoder's output is the posterior's mean and log variance, side by side.
    """
    encoder = _layers([pixels, *hidden, 2 * latent])
    decoder = _layers([latent, *reversed(hidden), pixels])
    return encoder, decoder


def _layers(widths: Sequence[int]) -> nn.Sequential:
    linear = [nn.Linear(before, after) for before, after in pairwise(widths)]
    return nn.Sequential(*(part for layer in linear for part in (layer, nn.ReLU())))[:-1]
