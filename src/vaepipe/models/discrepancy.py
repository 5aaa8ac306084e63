"""The maximum mean discrepancy between latents and the prior (Gretton et al. 2012)."""

import torch
from torch import Tensor

WIDEST, GAUSSIANS = 4.0, 5
"""The kernel's Gaussians have the squared widths 4, 2, 1, 1/2, 1/4 times the number of latents.

Two draws of the prior are apart by the square root of twice this number, on average.
"""


def kernel(a: Tensor, b: Tensor) -> Tensor:
    """The mean over widths s of exp(-|a - b|^2 / (2 s latent)), (n, m), of two samples' latents.

    Half the width squares a Gaussian: one exponential in place of five is half the time.
    """
    squared = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    gaussian = torch.exp(-squared.clamp(min=0) / (2 * WIDEST * a.shape[1]))
    total = gaussian
    for _ in range(GAUSSIANS - 1):
        gaussian = gaussian.square()
        total = total + gaussian
    return total / GAUSSIANS


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
