"""How like the clean images the decoded ones are."""

from collections.abc import Sequence

import numpy as np
import torch
from skimage.metrics import structural_similarity
from torch import Tensor

from vaepipe.measures.subject import Subject

ROUNDING = 1 / (12 * 255**2)
"""The mean squared error of rounding to multiples of 1 / 255."""


def measure(subject: Subject) -> dict[str, float]:
    """mse, psnr, ssim of what is decoded from the posterior means."""
    return image_errors(subject.decoded.cpu(), subject.test.clean.cpu(), subject.model.shape)


def image_errors(images: Tensor, clean: Tensor, shape: Sequence[int]) -> dict[str, float]:
    """Mean squared error per pixel, PSNR (dB) and SSIM of images (n, pixels), means over images.

    SSIM with the Gaussian window of Wang et al. 2004 (11 x 11, sigma 1.5); of colour images it is
    the mean of that of each channel.
    """
    pairs = zip(
        images.double().reshape(-1, *shape).numpy(),
        clean.double().reshape(-1, *shape).numpy(),
        strict=True,
    )
    similarities = [
        structural_similarity(
            image,
            target,
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            channel_axis=channel_axis(shape),
        )
        for image, target in pairs
    ]
    return {
        "mse": _squared(images, clean).mean().item(),
        "psnr": psnr(images, clean),
        "ssim": float(np.mean(similarities)),
    }


def channel_axis(shape: Sequence[int]) -> int | None:
    """The axis of an image's colours: the last of (height, width, channels), none of grey ones."""
    return 2 if len(shape) == 3 else None


def psnr(images: Tensor, clean: Tensor) -> float:
    """That of images (n, pixels) in dB, a mean over images.

    An error below that of rounding to 8 bits counts as that, so that equal images have a finite
    one.
    """
    return (-10 * torch.log10(_squared(images, clean).clip(min=ROUNDING))).mean().item()


def _squared(images: Tensor, clean: Tensor) -> Tensor:
    return ((images - clean).double() ** 2).mean(-1)
