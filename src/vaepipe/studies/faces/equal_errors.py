"""Pictures of one pixel error, plausible and not: a squared error does not see where it lies.

Wang & Bovik 2009, figure 2, show a picture so. Images are rows of pixels in [0, 1]; those that are
made are not rounded to 8 bits, since in flat ones all pixels would jump at once.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vaepipe.measures.images import ssim
from vaepipe.models.distances import nearest, squared

TOLERANCE = 1e-6
"""Between mean squared errors that count as equal."""
HALVINGS = 30
"""Of an interval of strengths, after which errors differ by far less."""
STRONGEST = 8.0
"""Standard deviation of noise, in which nothing of an image is left."""
BLOT = 0.25
"""Radius in units of the smaller side."""

PLAUSIBLE, IMPLAUSIBLE = ("shifted", "shaded"), ("noise", "blot")


class Altered(NamedTuple):
    images: Tensor
    """(n, pixels)"""
    mse: np.ndarray
    """Per pixel, against the original, (n,), as are the next two."""
    ssim: np.ndarray
    nearest: np.ndarray
    """The root mean square distance to the nearest training image."""


def equal_errors(
    images: Tensor, train: Tensor, shape: Sequence[int], seed: int
) -> tuple[np.ndarray, dict[str, Altered]]:
    """Which of images (n, pixels) were matched, (m,), and these altered in four ways.

    shifted: by one pixel to the right; shaded: darker towards the right, linearly. Both leave a
    picture of the same face. noise: normal, of each pixel by itself; blot: a disc in the middle,
    mixed with black or white, whichever is farther from what lies there. The last three are as
    strong as makes their mean squared error that of the shifted image, by bisection, but for
    TOLERANCE. Not matched is an image in which one cannot be so strong, or that a shift leaves as
    it is.
    """
    shifted = shift(images, shape)
    target = squared(shifted, images)
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(seed)).to(images)
    dark, disc = ramp(shape).to(images), blot(shape).to(images)
    far = (images @ disc < disc.sum() / 2).to(images)[:, None]
    ways: dict[str, tuple[Callable[[Tensor], Tensor], float]] = {
        "shaded": (lambda strength: images * (1 - strength * dark), 1.0),
        "noise": (lambda strength: images + strength * noise, STRONGEST),
        "blot": (lambda strength: images + strength * disc * (far - images), 1.0),
    }
    found = {"shifted": shifted} | {
        name: matched(alter, images, target, most) for name, (alter, most) in ways.items()
    }
    gaps = torch.stack([(squared(of, images) - target).abs() for of in found.values()])
    rows = ((gaps <= TOLERANCE).all(0) & (target > TOLERANCE)).nonzero()[:, 0]
    kept = images[rows]
    altered = {}
    for name, all_images in found.items():
        of = all_images[rows]
        errors, similarity = squared(of, kept).cpu().numpy(), ssim(of.cpu(), kept.cpu(), shape)
        altered[name] = Altered(of, errors, similarity, nearest(of, train)[1].cpu().numpy())
    return rows.cpu().numpy(), altered


def matched(
    alter: Callable[[Tensor], Tensor], images: Tensor, target: Tensor, strongest: float
) -> Tensor:
    """Images (n, pixels) altered so much that their mean squared errors are those wanted, (n,).

    `alter` takes strengths (n, 1), with which the error must rise; altered by the strongest where
    that is not enough.
    """

    def altered(strength: Tensor) -> Tensor:
        return alter(strength[:, None].to(images)).clip(0, 1)

    low, high = torch.zeros_like(target), torch.full_like(target, strongest)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        enough = squared(altered(middle), images) >= target
        low, high = torch.where(enough, low, middle), torch.where(enough, middle, high)
    return altered(high)


def shift(images: Tensor, shape: Sequence[int]) -> Tensor:
    """Images (n, pixels) one pixel to the right; the first column stays."""
    planes = images.reshape(len(images), *shape)
    return torch.cat([planes[:, :, :1], planes[:, :, :-1]], 2).flatten(1)


def ramp(shape: Sequence[int]) -> Tensor:
    """From 0 at the left to 1 at the right, (pixels,)."""
    _, width, *colours = shape
    columns = torch.linspace(0, 1, width).reshape(1, width, *(1 for _ in colours))
    return columns.expand(*shape).flatten()


def blot(shape: Sequence[int]) -> Tensor:
    """1 in a disc in the middle, else 0, (pixels,)."""
    height, width, *colours = shape
    down = torch.arange(height)[:, None] - (height - 1) / 2
    right = torch.arange(width) - (width - 1) / 2
    disc = (down**2 + right**2 <= (BLOT * min(height, width)) ** 2).float()
    return disc.reshape(height, width, *(1 for _ in colours)).expand(*shape).flatten()
