"""How like the clean images the decoded ones are."""

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter
from torch import Tensor

from vaepipe.measures.subject import Subject
from vaepipe.models.distances import psnr, squared

SIGMA, REACH = 1.5, 5
"""The window of SSIM: its standard deviation and half its width without the middle, in pixels."""
C1, C2 = 0.01**2, 0.03**2
"""What keeps the quotients of SSIM finite, for images in [0, 1]."""


def measure(subject: Subject) -> dict[str, float]:
    """mse, psnr, ssim of what is decoded from the posterior means."""
    return image_errors(subject.decoded.cpu(), subject.test.clean.cpu(), subject.model.shape)


def of_each(subject: Subject) -> Tensor:
    """The mean squared error per pixel of each test image, (n,)."""
    return squared(subject.decoded.cpu(), subject.test.clean.cpu())


def image_errors(images: Tensor, clean: Tensor, shape: Sequence[int]) -> dict[str, float]:
    """Mean squared error per pixel, PSNR (dB) and SSIM of images (n, pixels), means over images."""
    return {
        "mse": squared(images, clean).mean().item(),
        "psnr": psnr(images, clean),
        "ssim": float(ssim(images, clean, shape).mean()),
    }


def ssim(images: Tensor, clean: Tensor, shape: Sequence[int]) -> np.ndarray:
    """The structural similarity of each of images (n, pixels) with a clean one: (n,).

    Wang et al. 2004, equation 13, with their Gaussian window (11 x 11, sigma 1.5), averaged where
    all of it lies in the image; of colour images it is the mean of that of each channel.
    scikit-image's, of all images at once.
    """
    x, y = (v.double().reshape(-1, *shape).numpy() for v in (images, clean))
    sigma = (0, SIGMA, SIGMA, *(0 for _ in shape[2:]))
    inside = slice(REACH, -REACH)

    def window(values: np.ndarray) -> np.ndarray:
        return gaussian_filter(values, sigma, radius=REACH)[:, inside, inside]

    mean_x, mean_y = window(x), window(y)
    variances = window(x * x) - mean_x * mean_x + window(y * y) - mean_y * mean_y
    covariance = window(x * y) - mean_x * mean_y
    light = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    structure = (2 * covariance + C2) / (variances + C2)
    return (light * structure).mean(axis=tuple(range(1, x.ndim)))
