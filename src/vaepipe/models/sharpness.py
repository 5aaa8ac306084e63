"""How sharp images are, whatever they show."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional


def sharpness(images: Tensor, shape: Sequence[int]) -> float:
    """The variance of the Laplacian of images (n, pixels) in [0, 1], a mean over images.

    Pech-Pacheco et al. 2000, section 3; the sum of the four neighbours less four times the pixel,
    where all of them lie in the image; of colour images a mean over channels.
    """
    height, width = shape[:2]
    planes = images.double().reshape(len(images), height, width, -1).permute(0, 3, 1, 2)
    kernel = planes.new_tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0]])[None, None]
    edges = functional.conv2d(planes.flatten(0, 1)[:, None], kernel)
    return edges.flatten(1).var(1).mean().item()
