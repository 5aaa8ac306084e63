"""Distances between images."""

import torch
from torch import Tensor

from vaepipe.models.neighbours import nearest_rows

ROUNDING = 1 / (12 * 255**2)
"""The mean squared error of rounding to multiples of 1 / 255."""


def nearest(images: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """For each image (n, pixels) the row of the nearest of others (m, pixels), and how far it is.

    Distances are root mean squares over the pixels; (n,) each. Of those as near as each other, any.
    """
    rows = nearest_rows(images, others, 1).squeeze(1)
    gaps = images - others[rows]
    return rows, gaps.square().mean(1).sqrt()


def squared(images: Tensor, others: Tensor) -> Tensor:
    """The mean squared error per pixel of each of images (n, pixels), (n,) in double precision."""
    return ((images - others).double() ** 2).mean(-1)


def psnr(images: Tensor, clean: Tensor) -> float:
    """That of images (n, pixels) in dB, a mean over images.

    An error below that of rounding to 8 bits counts as that, so that equal images have a finite
    one.
    """
    return (-10 * torch.log10(squared(images, clean).clip(min=ROUNDING))).mean().item()
