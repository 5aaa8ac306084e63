"""The maximum mean discrepancy between latents and the prior (Gretton et al. 2012)."""

import torch
from torch import Tensor

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Squared widths of the kernel's Gaussians, in units of the number of latents.

Two draws of the prior are apart by the square root of twice this number, on average.
"""


def kernel(a: Tensor, b: Tensor) -> Tensor:
    """The mean over SCALES of exp(-|a - b|^2 / (2 s latent)), (n, m), of latents of two samples."""
    squared = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    halved = squared.clamp(min=0) / (2 * a.shape[1])
    return torch.stack([torch.exp(-halved / scale) for scale in SCALES]).mean(0)


def discrepancy(a: Tensor, b: Tensor) -> Tensor:
    """The unbiased estimate of MMD^2, (), from samples (n, latent) and (m, latent).

    Gretton et al. 2012, equation 3. It is 0 on average where both have one distribution, so that it
    may be below 0; with a single image its own part counts as 0.
    """
    return _between_pairs(a) + _between_pairs(b) - 2 * kernel(a, b).mean()


def _between_pairs(sample: Tensor) -> Tensor:
    """The mean of the kernel over pairs of different members."""
    found, count = kernel(sample, sample), len(sample)
    return (found.sum() - found.diagonal().sum()) / max(1, count * (count - 1))
