import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from vaepipe.measures.images import image_errors, ssim


def test_image_errors_by_hand_and_against_skimage():
    clean = torch.zeros(2, 16 * 16)
    images = clean.clone()
    images[0] += 0.5
    images[1] += 0.1
    errors = image_errors(images, clean, (16, 16))
    assert errors["mse"] == pytest.approx((0.25 + 0.01) / 2)
    psnr = [
        peak_signal_noise_ratio(c.numpy(), i.numpy(), data_range=1.0)
        for c, i in zip(clean.double(), images.double(), strict=True)
    ]
    assert errors["psnr"] == pytest.approx(np.mean(psnr))


def test_ssim_of_equal_images_is_one_and_falls_with_noise():
    torch.manual_seed(0)
    clean = torch.rand(3, 256)
    assert image_errors(clean + 1e-6, clean, (16, 16))["ssim"] == pytest.approx(1, abs=1e-4)
    noisy = (clean + 0.3 * torch.randn(3, 256)).clip(0, 1)
    assert image_errors(noisy, clean, (16, 16))["ssim"] < 0.9


@pytest.mark.parametrize("shape", [(12, 20), (16, 11, 3)])
def test_ssim_is_that_of_skimage(shape):
    torch.manual_seed(0)
    clean = torch.rand(4, math.prod(shape))
    noisy = (clean + torch.tensor([[0.0], [0.1], [0.3], [1.0]]) * torch.randn(clean.shape)).clip(
        0, 1
    )
    expected = [
        structural_similarity(
            image.double().reshape(shape).numpy(),
            target.double().reshape(shape).numpy(),
            data_range=1.0,
            gaussian_weights=True,
            use_sample_covariance=False,
            channel_axis=2 if len(shape) == 3 else None,
        )
        for image, target in zip(noisy, clean, strict=True)
    ]
    assert ssim(noisy, clean, shape) == pytest.approx(expected, abs=1e-12)


def test_images_need_not_be_square():
    torch.manual_seed(0)
    clean = torch.rand(2, 12, 20)
    noisy = (clean + 0.1 * torch.randn(2, 12, 20)).clip(0, 1)
    errors = image_errors(noisy.flatten(1), clean.flatten(1), (12, 20))
    turned = image_errors(noisy.mT.flatten(1), clean.mT.flatten(1), (20, 12))
    assert turned == pytest.approx(errors, rel=1e-6)


def test_ssim_of_colour_images_is_the_mean_of_that_of_each_colour():
    torch.manual_seed(0)
    clean = torch.rand(2, 12, 13, 3)
    noisy = (clean + torch.tensor([0.0, 0.1, 0.4]) * torch.randn(clean.shape)).clip(0, 1)
    errors = image_errors(noisy.flatten(1), clean.flatten(1), (12, 13, 3))
    of_each = [
        image_errors(noisy[..., i].flatten(1), clean[..., i].flatten(1), (12, 13)) for i in range(3)
    ]
    for name in ("ssim", "mse"):
        assert errors[name] == pytest.approx(np.mean([found[name] for found in of_each]))
    assert of_each[0]["ssim"] == pytest.approx(1)
    assert errors["psnr"] < of_each[1]["psnr"]
