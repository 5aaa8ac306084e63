"""Convolutions with max-pooling down to small maps, and upsampling with convolutions back up.

Each 3 x 3 convolution keeps the sides. Down, the largest of 2 x 2 values stands for them (LeNet-5
of LeCun et al. 1998, with the maximum in the place of the mean), before the ReLU: that gives the
same numbers as after it, and leaves it a quarter of them. Up, each value is repeated 2 x 2 times
before a convolution, which leaves no chequered pattern as transposed convolutions may (Odena et al.
2016). Weights begin as `models.maps` says.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from vaepipe.models import maps

HALVING = "poolings of 2 x 2"


def encoder(shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Images (n, pixels) of a shape to (n, outputs), through one convolution a number of filters.

    Raises InputError if the poolings do not divide the sides.
    """
    height, width, channels = maps.sides(shape)
    rows, columns = maps.smallest(shape, filters, HALVING)
    parts = maps.from_rows(height, width, channels)
    for before, after in pairwise([channels, *filters]):
        parts += [
            nn.Conv2d(before, after, 3, padding=1),
            nn.MaxPool2d(2),
            nn.ReLU(inplace=True),
        ]
    parts += [nn.Flatten(), nn.Linear(rows * columns * filters[-1], outputs)]
    return maps.started(nn.Sequential(*parts))


def decoder(latent: int, shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Latents (n, latent) to the outputs (n, outputs * pixels) for images of a shape.

    It mirrors the encoder: its maps have the filters in the opposite order, and its last
    convolution gives the outputs. Raises InputError as `encoder` does.
    """
    channels = maps.sides(shape)[2]
    rows, columns = maps.smallest(shape, filters, HALVING)
    widths = [*reversed(filters), outputs * channels]
    parts = [nn.Linear(latent, widths[0] * rows * columns)]
    parts += maps.from_rows(rows, columns, widths[0])
    for before, after in pairwise(widths):
        parts += [
            nn.ReLU(inplace=True),
            nn.Upsample(scale_factor=2),
            nn.Conv2d(before, after, 3, padding=1),
        ]
    parts += maps.to_rows(outputs, channels)
    return maps.started(nn.Sequential(*parts))
