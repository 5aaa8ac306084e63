"""Convolutions down to small maps and transposed convolutions back up, with ReLU between layers.

After the convolutional VAE of TensorFlow's tutorial (tensorflow.org/tutorials/generative/cvae):
3 x 3 with stride 2, so that each halves or doubles the sides; a last transposed convolution with
stride 1 gives what the likelihood asks of each pixel. Weights begin as there too, see
`models.maps`.
"""

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from vaepipe.models import maps

HALVING = "convolutions of stride 2"


def encoder(shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Images (n, pixels) of a shape to (n, outputs), through one convolution a number of filters.

    Raises InputError if the strides do not divide the sides.
    """
    height, width, channels = maps.sides(shape)
    rows, columns = maps.smallest(shape, filters, HALVING)
    parts = maps.from_rows(height, width, channels)
    for before, after in pairwise([channels, *filters]):
        parts += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU(inplace=True)]
    parts += [nn.Flatten(), nn.Linear(rows * columns * filters[-1], outputs)]
    return maps.started(nn.Sequential(*parts))


def decoder(latent: int, shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Latents (n, latent) to the outputs (n, outputs * pixels) for images of a shape.

    Its transposed convolutions have the filters in the opposite order, and begin with maps of as
    many channels as the first one. Raises InputError as `encoder` does.
    """
    channels = maps.sides(shape)[2]
    rows, columns = maps.smallest(shape, filters, HALVING)
    first = filters[0]
    parts = [nn.Linear(latent, first * rows * columns), nn.ReLU(inplace=True)]
    parts += maps.from_rows(rows, columns, first)
    for before, after in pairwise([first, *reversed(filters)]):
        parts += [
            nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(inplace=True),
        ]
    parts += [nn.ConvTranspose2d(filters[0], outputs * channels, 3, padding=1)]
    parts += maps.to_rows(outputs, channels)
    return maps.started(nn.Sequential(*parts))
