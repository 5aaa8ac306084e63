import math

import numpy as np
import pytest
import torch
from skimage.transform import downscale_local_mean, resize
from sklearn.decomposition import PCA
from torch import nn
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.measures.anomaly import (
    coarsened,
    mean_image_error,
    negative_elbo,
    pca_residual,
    reconstruction_error,
    resized,
)
from vaepipe.models.kinds.autoencoder import Autoencoder
from vaepipe.models.kinds.vae import VAE
from vaepipe.models.likelihoods.gaussian import Likelihood as Gaussian
from vaepipe.models.saved import Model


def images(count: int, *shape: int, seed: int = 0) -> torch.Tensor:
    """Random ones on the grid of 8 bits, as rows."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(256, (count, math.prod(shape)), generator=generator) / 255


def test_the_reconstruction_error_of_both_kinds_is_that_of_the_image_decoded():
    vae = linear_model(12, 2, (2, 2, 3))
    network = Autoencoder(nn.Linear(12, 2), nn.Linear(2, 12), 2)
    given = images(7, 2, 2, 3)
    for model in (vae, Model(network, vae.likelihood, (2, 2, 3))):
        decoded = model.reconstruct(given).reshape(7, 12)
        expected = ((decoded - given) ** 2).mean(1).numpy()
        assert reconstruction_error(model, given) == pytest.approx(expected, rel=1e-5)


def test_the_negative_elbo_of_a_linear_gaussian_model_is_its_closed_form():
    """With a decoder whose mean does not depend on z, E log p(x | z) needs no draws."""
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(5, 4), nn.Linear(2, 5)
    nn.init.zeros_(decoder.weight)
    model, given = Model(VAE(encoder, decoder, 2), Gaussian(0.3), (5,)), images(6, 5)
    with torch.no_grad():
        mean, log_variance = encoder(given).double().chunk(2, 1)
        middle = torch.sigmoid(decoder.bias).double()
    kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
    density = torch.distributions.Normal(middle, torch.tensor(0.3).double())
    expected = kl - density.log_prob(given.double()).sum(1)
    found = negative_elbo(model, given, {"seed": 0, "importance_samples": 3})
    assert found == pytest.approx(expected.numpy(), rel=1e-5)


def test_the_negative_elbo_is_a_mean_over_draws():
    model, given = linear_model(6, 2, (6,)), images(4, 6)
    found = negative_elbo(model, given, {"seed": 0, "importance_samples": 4000})
    with torch.no_grad():
        posterior = model.network.posterior(given)
        q = torch.distributions.Normal(posterior.mean, (0.5 * posterior.log_variance).exp())
        z = q.sample((4000,))
        prior = torch.distributions.Normal(0.0, 1.0)
        terms = -nn.functional.binary_cross_entropy_with_logits(
            model.network.decode(z), given.expand(4000, -1, -1), reduction="none"
        ).sum(-1)
        elbo = (terms + (prior.log_prob(z) - q.log_prob(z)).sum(-1)).mean(0)
    assert found == pytest.approx(-elbo.numpy(), abs=0.1)


def test_the_distance_to_the_mean_image_by_hand():
    train = torch.tensor([[0.0, 0.2], [1.0, 0.4]])
    found = mean_image_error(train, torch.tensor([[0.5, 0.3], [1.0, 0.0]]))
    assert found == pytest.approx([0, (0.25 + 0.09) / 2])


@pytest.mark.parametrize(("count", "pixels"), [(20, 48), (60, 12)])
def test_the_residual_of_principal_components_is_that_of_scikit_learn(count, pixels):
    train, test = images(count, pixels), images(9, pixels, seed=1)
    for components in (1, 5, 11):
        model = PCA(components, svd_solver="full").fit(train.double().numpy())
        codes = model.transform(test.double().numpy())
        expected = ((model.inverse_transform(codes) - test.numpy()) ** 2).mean(1)
        assert pca_residual(train, test, components) == pytest.approx(expected, rel=1e-6)


def test_all_components_leave_nothing_of_training_images():
    train = images(20, 48)
    assert pca_residual(train, train, 19) == pytest.approx(np.zeros(20), abs=1e-12)
    twice = torch.cat([train, train])
    for given, components in ((train, 20), (twice, 20), (train, 0), (train[:1], 1)):
        with pytest.raises(InputError, match="components"):
            pca_residual(given, train, components)


@pytest.mark.parametrize("shape", [(4, 6, 3), (4, 6)])
def test_images_are_enlarged_as_scikit_image_does(shape):
    given = images(3, *shape)
    found = resized(given, shape, (8, 12))
    for image, row in zip(given, found, strict=True):
        expected = resize(image.double().numpy().reshape(shape), (8, 12), order=1, mode="edge")
        assert row.numpy() == pytest.approx(expected.ravel(), abs=0.5 / 255 + 1e-6)
    assert torch.equal((255 * found).round() / 255, found)


def test_coarsened_images_have_the_resolution_of_small_ones_that_were_enlarged():
    shape = (8, 12, 3)
    given = images(3, *shape)
    found = coarsened(given, shape, (4, 6))
    means = np.stack(
        [downscale_local_mean(of.numpy().reshape(shape), (2, 2, 1)).ravel() for of in given]
    )
    small = torch.from_numpy((255 * means).round() / 255).float()
    assert found.numpy() == pytest.approx(resized(small, (4, 6, 3), (8, 12)).numpy(), abs=1.1 / 255)
    assert (found - given).abs().mean() > 0.1
    flat = torch.full((1, 288), 51 / 255)
    assert torch.equal(coarsened(flat, shape, (4, 6)), flat)
