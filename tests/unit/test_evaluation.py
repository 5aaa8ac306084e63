import math

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio
from torch import nn

from vaepipe.core.errors import InputError
from vaepipe.evaluation import (
    Labelled,
    active_units,
    image_errors,
    importance_weighted_bound,
    importance_weights,
    informative_latents,
    knn_accuracy,
    mean_kl_per_latent,
    measure,
    pictures,
    traversal,
)
from vaepipe.objectives import Bernoulli
from vaepipe.vae import VAE


@pytest.fixture
def toy():
    """A model with one latent and three pixels, whose likelihood can be integrated on a grid."""
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(3, 2), nn.Linear(1, 3)
    nn.init.normal_(decoder.weight, std=2.0)
    return VAE(encoder, decoder, Bernoulli(), 1).double()


@torch.no_grad()
def log_likelihood_on_a_grid(model, clean):
    z = torch.linspace(-10, 10, 20_001, dtype=torch.double)[:, None, None].expand(-1, len(clean), 1)
    log_prior = -0.5 * (z**2 + math.log(2 * math.pi)).squeeze(-1)
    joint = model.likelihood.log_density(clean, model.decoder(z)) + log_prior
    return torch.logsumexp(joint, 0) + math.log(20 / 20_000)


@torch.no_grad()
def test_importance_weighted_bound_reaches_the_likelihood(toy):
    noisy, clean = torch.rand(4, 3).double(), torch.rand(4, 3).round().double()
    exact = log_likelihood_on_a_grid(toy, clean)
    generator = torch.Generator().manual_seed(0)
    bounds = []
    for samples in (1, 10, 20_000):
        repeats = 4000 // samples + 1
        values = [
            importance_weighted_bound(importance_weights(toy, noisy, clean, samples, generator)[1])
            for _ in range(repeats)
        ]
        bounds.append(torch.stack(values).mean(0))
    assert (bounds[0] < bounds[1]).all() and (bounds[1] < bounds[2] + 1e-3).all()
    assert torch.allclose(bounds[2], exact, atol=0.02)


def test_importance_weighted_bound_by_hand():
    log_weights = torch.log(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))
    expected = torch.log(torch.tensor([2.0, 2.0]))
    assert torch.allclose(importance_weighted_bound(log_weights), expected)


def test_active_units_counts_means_that_vary():
    codes = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.1], [2.0, 1.0, 0.0]])
    assert active_units(codes, 0.01) == 1
    assert active_units(codes, 0.001) == 2


def test_informative_latents_have_a_kl_above_the_threshold():
    assert informative_latents(torch.tensor([2.0, 0.1, 0.11, 0.0]), 0.1) == 2


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


def test_psnr_of_equal_images_is_that_of_8_bit_rounding():
    clean = torch.rand(2, 256)
    assert image_errors(clean, clean, (16, 16))["psnr"] == pytest.approx(58.92, abs=0.01)


def test_ssim_of_equal_images_is_one_and_falls_with_noise():
    torch.manual_seed(0)
    clean = torch.rand(3, 256)
    assert image_errors(clean + 1e-6, clean, (16, 16))["ssim"] == pytest.approx(1, abs=1e-4)
    noisy = (clean + 0.3 * torch.randn(3, 256)).clip(0, 1)
    assert image_errors(noisy, clean, (16, 16))["ssim"] < 0.9


def test_knn_votes_among_the_training_codes():
    train = torch.tensor([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    labels = np.array([0, 0, 0, 1, 1, 1])
    test = torch.tensor([[0.05], [5.05], [4.9], [0.3]])
    assert knn_accuracy(train, labels, test, np.array([0, 1, 0, 0]), 3) == 0.75


@pytest.fixture
def labelled():
    torch.manual_seed(0)
    clean = torch.rand(60, 144)
    return Labelled((clean + 0.1).clip(0, 1), clean, np.arange(60) % 3)


@pytest.fixture
def model():
    torch.manual_seed(0)
    return VAE(nn.Linear(144, 6), nn.Linear(3, 144), Bernoulli(), 3)


SETTINGS = {
    "importance_samples": 500,
    "neighbours": 3,
    "active_threshold": 0.01,
    "informative_kl": 0.1,
    "characters": "CA",
    "sheet_side": 5,
    "prior_samples": 4,
    "traversal_steps": 7,
    "traversal_span": 2.0,
    "seed": 0,
}


@torch.no_grad()
def test_measures_are_consistent(model, labelled):
    values = measure(model, labelled, labelled, (12, 12), SETTINGS)
    assert values["elbo"] == pytest.approx(-values["reconstruction"] - values["kl"])
    assert values["iw_bound"] >= values["elbo"]
    assert values["kl"] == pytest.approx(mean_kl_per_latent(model, labelled.noisy).sum().item())
    posterior = model.posterior(labelled.noisy)
    draws = [
        model.likelihood.log_density(
            labelled.clean, model.decoder(posterior.sample(torch.randn(60, 3)))
        ).mean()
        for _ in range(500)
    ]
    assert values["reconstruction"] == pytest.approx(-np.mean(draws), abs=0.2)


def test_pictures_are_of_the_chosen_images(model, labelled):
    images = pictures(model, labelled, tuple("ABC"), SETTINGS)
    expected = (255 * labelled.clean[[2, 0]]).round().byte().numpy()
    assert (images["characters_clean"] == expected).all()
    assert images["sheet_reconstructed"].shape == (25, 144)
    assert images["traversal"].shape == (3, 7, 144)
    assert images["prior_samples"].shape == (4, 144)
    assert all(array.dtype == np.uint8 for array in images.values())


def test_a_sheet_larger_than_the_test_split_names_the_key(model, labelled):
    with pytest.raises(InputError, match="sheet_side: 8 x 8"):
        pictures(model, labelled, tuple("ABC"), SETTINGS | {"sheet_side": 8})


def test_more_neighbours_than_training_images_names_the_key(model, labelled):
    with pytest.raises(InputError, match="neighbours: 61 are more than the 60"):
        measure(model, labelled, labelled, (12, 12), SETTINGS | {"neighbours": 61})


def test_traversal_over_two_latents_is_a_grid():
    path = torch.tensor([-1.0, 0.0, 2.0])
    z = traversal(torch.zeros(2), torch.arange(2), path)
    assert z[0, 0].tolist() == [-1.0, 2.0]
    assert z[2, 2].tolist() == [2.0, -1.0]


def test_traversal_moves_one_latent_a_row():
    start, path = torch.tensor([0.5, 0.6, 0.7]), torch.tensor([-1.0, 1.0])
    z = traversal(start, torch.tensor([2, 0, 1]), path)
    assert z[0].tolist() == [[0.5, pytest.approx(0.6), -1.0], [0.5, pytest.approx(0.6), 1.0]]
    assert z[1, :, 0].tolist() == [-1.0, 1.0]
