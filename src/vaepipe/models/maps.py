"""What bodies of convolutions share: images as maps, the sides of maps, the first weights.

Images are rows of pixels, channels last; so lie the maps in memory, which processors are faster
with. Each layer of a body halves or doubles the sides.
"""

import math
from collections.abc import Sequence

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


def from_rows(height: int, width: int, channels: int) -> list[nn.Module]:
    """Rows (n, height * width * channels) to maps (n, channels, height, width)."""
    return [nn.Unflatten(1, (height, width, channels)), Permute(0, 3, 1, 2)]


def to_rows(outputs: int, channels: int) -> list[nn.Module]:
    """Maps (n, outputs * channels, height, width) to rows (n, outputs * pixels)."""
    return [nn.Unflatten(1, (outputs, channels)), Permute(0, 1, 3, 4, 2), nn.Flatten()]


def started(network: nn.Sequential) -> nn.Sequential:
    """The network with the weights that it begins with.

    Uniform with the variance of Glorot & Bengio 2010; biases at 0.
    """
    for name, values in network.named_parameters():
        if name.endswith("weight"):
            nn.init.xavier_uniform_(values)
        else:
            nn.init.zeros_(values)
    return network


def sides(shape: Sequence[int]) -> tuple[int, int, int]:
    """Height, width and channels; images of two dimensions have one channel."""
    height, width, *channels = shape
    return height, width, math.prod(channels)


def smallest(shape: Sequence[int], filters: Sequence[int], halving: str) -> tuple[int, int]:
    """The sides of the smallest maps, of as many layers as there are numbers of filters.

    `halving` says what each of them is. Raises InputError if they do not divide the sides.
    """
    height, width, _ = sides(shape)
    stride = 2 ** len(filters)
    if height % stride or width % stride:
        raise InputError(
            f"params.yaml: model.filters: {len(filters)} {halving} need images whose sides "
            f"{stride} divides, but these are {height} x {width}."
        )
    return height // stride, width // stride
