"""Distances between images."""

import torch
from torch import Tensor

BLOCK = 500
"""Images at a time."""


def nearest(images: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """For each image (n, pixels) the row of the nearest of others (m, pixels), and how far it is.

    Distances are root mean squares over the pixels; (n,) each.
    """
    found = [torch.cdist(some, others).min(1) for some in images.split(BLOCK)]
    rows = torch.cat([of.indices for of in found])
    gaps = images - others[rows]
    return rows, gaps.square().mean(1).sqrt()
