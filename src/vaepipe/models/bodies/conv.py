"""Convolutions down to small maps and transposed convolutions back up, with ReLU between layers.

After the convolutional VAE of TensorFlow's tutorial (tensorflow.org/tutorials/generative/cvae):
3 x 3 with stride 2, so that each halves or doubles the sides; a last transposed convolution with
stride 1 gives what the likelihood asks of each pixel. Weights begin as there too, uniform with the
variance of Glorot & Bengio 2010, and biases at 0. Images are rows of pixels, channels last; so lie
the maps in memory, which processors are faster with.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from vaepipe.core.errors import InputError


class Permute(nn.Module):
    """The dimensions of a tensor in another order."""

    def __init__(self, *dimensions: int):
        super().__init__()
        self.dimensions = dimensions

    def forward(self, values: Tensor) -> Tensor:
        return values.permute(self.dimensions)

    def extra_repr(self) -> str:
        return ", ".join(map(str, self.dimensions))


def encoder(shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Images (n, pixels) of a shape to (n, outputs), through one convolution a number of filters.

    Raises InputError if the strides do not divide the sides.
    """
    height, width, channels = _sides(shape)
    rows, columns = _smallest(shape, filters)
    parts = [nn.Unflatten(1, (height, width, channels)), Permute(0, 3, 1, 2)]
    for before, after in pairwise([channels, *filters]):
        parts += [nn.Conv2d(before, after, 3, stride=2, padding=1), nn.ReLU(inplace=True)]
    parts += [nn.Flatten(), nn.Linear(rows * columns * filters[-1], outputs)]
    return _started(nn.Sequential(*parts))


def decoder(latent: int, shape: Sequence[int], outputs: int, filters: Sequence[int]) -> nn.Module:
    """Latents (n, latent) to the outputs (n, outputs * pixels) for images of a shape.

    Its transposed convolutions have the filters in the opposite order, and begin with maps of as
    many channels as the first one. Raises InputError as `encoder` does.
    """
    channels = _sides(shape)[2]
    rows, columns = _smallest(shape, filters)
    first = filters[0]
    parts = [nn.Linear(latent, first * rows * columns), nn.ReLU(inplace=True)]
    parts += [nn.Unflatten(1, (rows, columns, first)), Permute(0, 3, 1, 2)]
    for before, after in pairwise([first, *reversed(filters)]):
        parts += [
            nn.ConvTranspose2d(before, after, 3, stride=2, padding=1, output_padding=1),
            nn.ReLU(inplace=True),
        ]
    parts += [nn.ConvTranspose2d(filters[0], outputs * channels, 3, padding=1)]
    parts += [nn.Unflatten(1, (outputs, channels)), Permute(0, 1, 3, 4, 2), nn.Flatten()]
    return _started(nn.Sequential(*parts))


def _started(network: nn.Sequential) -> nn.Sequential:
    """The network with the weights that it begins with."""
    for name, values in network.named_parameters():
        if name.endswith("weight"):
            nn.init.xavier_uniform_(values)
        else:
            nn.init.zeros_(values)
    return network


def _sides(shape: Sequence[int]) -> tuple[int, int, int]:
    """Height, width and channels; images of two dimensions have one channel."""
    height, width, *channels = shape
    return height, width, math.prod(channels)


def _smallest(shape: Sequence[int], filters: Sequence[int]) -> tuple[int, int]:
    """The sides of the smallest maps."""
    height, width, _ = _sides(shape)
    stride = 2 ** len(filters)
    if height % stride or width % stride:
        raise InputError(
            f"params.yaml: model.filters: {len(filters)} convolutions of stride 2 need images "
            f"whose sides {stride} divides, but these are {height} x {width}."
        )
    return height // stride, width // stride
