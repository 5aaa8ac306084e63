"""Fully connected encoder and decoder that mirror each other, with batch normalisation."""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn


class Centred(nn.Sequential):
    """Layers that see images in [0, 1] as numbers in [-1, 1]."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(2 * images - 1)


def encoder(shape: Sequence[int], outputs: int, hidden: Sequence[int]) -> nn.Module:
    """Images (n, pixels) of a shape in [0, 1] to (n, outputs).

    Between layers stand batch normalisation (Ioffe & Szegedy 2015) and a ReLU.
    """
    return Centred(*_layers([math.prod(shape), *hidden, outputs]))


def decoder(latent: int, shape: Sequence[int], outputs: int, hidden: Sequence[int]) -> nn.Module:
    """Latents (n, latent) to the outputs (n, outputs * pixels) in [-1, 1] for images of a shape."""
    widths = [latent, *reversed(hidden), outputs * math.prod(shape)]
    return nn.Sequential(*_layers(widths), nn.Tanh())


def _layers(widths: Sequence[int]) -> list[nn.Module]:
    parts: list[nn.Module] = []
    for before, after in pairwise(widths):
        parts += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU()]
    return parts[:-2]
