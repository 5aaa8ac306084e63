import numpy as np
import pytest
import torch
from unit.toys import linear_model

from vaepipe.measures.noise import noisy_at, sweep
from vaepipe.models.distances import psnr

SETTINGS = {"noise_levels": [0.0, 0.2, 0.6], "data": {"noise": "masking"}, "seed": 4}


@pytest.fixture
def clean():
    generator = torch.Generator().manual_seed(0)
    return (255 * torch.rand(40, 144, generator=generator)).round() / 255


def test_images_have_noise_of_each_level(clean):
    noisy = noisy_at(clean, SETTINGS)
    assert list(noisy) == [0.0, 0.2, 0.6]
    assert torch.equal(noisy[0.0], clean)
    for level, images in noisy.items():
        assert (images != clean).double().mean().item() == pytest.approx(level, abs=0.02)
    again, other = (noisy_at(clean, SETTINGS | {"seed": seed}) for seed in (4, 5))
    assert all(torch.equal(noisy[level], again[level]) for level in noisy)
    assert not torch.equal(noisy[0.2], other[0.2])


@torch.no_grad()
def test_a_sweep_is_the_psnr_of_reconstructions(clean):
    model = linear_model(144, 3, (12, 12))
    noisy = noisy_at(clean, SETTINGS)
    found = sweep(model, noisy, clean)
    for value, images in zip(found, noisy.values(), strict=True):
        errors = ((model.reconstruct(images).flatten(1) - clean).numpy() ** 2).mean(1)
        assert value == pytest.approx(float(np.mean(-10 * np.log10(errors))), rel=1e-5)
    assert psnr(clean, clean) == pytest.approx(58.92, abs=0.01)
