"""How sharp images are, whatever they show."""

from collections.abc import Sequence

from torch import Tensor


def sharpness(images: Tensor, shape: Sequence[int]) -> float:
    """The variance of the Laplacian of images (n, pixels) in [0, 1], a mean over images.

    Pech-Pacheco et al. 2000, section 3; the sum of the four neighbours less four times the pixel,
    where all of them lie in the image; of colour images a mean over channels.
    """
    pixels = images.double().reshape(len(images), *shape[:2], -1)
    inner = pixels[:, 1:-1, 1:-1]
    beside = pixels[:, 1:-1, :-2] + pixels[:, 1:-1, 2:]
    above_below = pixels[:, :-2, 1:-1] + pixels[:, 2:, 1:-1]
    edges = beside + above_below - 4 * inner
    return edges.var((1, 2)).mean().item()
