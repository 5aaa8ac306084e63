import math

import pytest
import torch
from torch import nn
from unit.toys import linear_model

from vaepipe.measures import importance
from vaepipe.measures.importance import (
    bound_of_fewer,
    effective_samples,
    importance_weights,
)
from vaepipe.models.batch import Batch
from vaepipe.models.importance import importance_weighted_bound
from vaepipe.models.kinds.vae import VAE
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.saved import Model


@pytest.fixture
def toy():
    """A model with one latent and three pixels, whose likelihood can be integrated on a grid."""
    torch.manual_seed(0)
    encoder, decoder = nn.Linear(3, 2), nn.Linear(1, 3)
    nn.init.normal_(decoder.weight, std=2.0)
    return Model(VAE(encoder, decoder, 1).double(), Likelihood(), (3,))


@torch.no_grad()
def log_likelihood_on_a_grid(model, clean):
    z = torch.linspace(-10, 10, 20_001, dtype=torch.double)[:, None, None].expand(-1, len(clean), 1)
    log_prior = -0.5 * (z**2 + math.log(2 * math.pi)).squeeze(-1)
    joint = model.likelihood.log_density(clean, model.network.decode(z)) + log_prior
    return torch.logsumexp(joint, 0) + math.log(20 / 20_000)


@torch.no_grad()
def test_importance_weighted_bound_reaches_the_likelihood(toy):
    noisy, clean = torch.rand(4, 3).double(), torch.rand(4, 3).round().double()
    posterior = toy.network.posterior(noisy)
    exact = log_likelihood_on_a_grid(toy, clean)
    generator = torch.Generator().manual_seed(0)
    bounds = []
    for samples in (1, 10, 20_000):
        repeats = 4000 // samples + 1
        values = [
            importance_weighted_bound(
                importance_weights(toy, posterior, clean, samples, generator)[1]
            )
            for _ in range(repeats)
        ]
        bounds.append(torch.stack(values).mean(0))
    assert (bounds[0] < bounds[1]).all() and (bounds[1] < bounds[2] + 1e-3).all()
    assert torch.allclose(bounds[2], exact, atol=0.02)


def test_importance_weighted_bound_by_hand():
    log_weights = torch.log(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))
    expected = torch.log(torch.tensor([2.0, 2.0]))
    assert torch.allclose(importance_weighted_bound(log_weights), expected)


def test_the_bound_of_fewer_samples_is_a_mean_over_groups_of_them():
    log_weights = torch.log(torch.tensor([[1.0], [3.0], [6.0], [2.0], [99.0]]))
    assert bound_of_fewer(log_weights, 2).item() == pytest.approx((math.log(2) + math.log(4)) / 2)
    assert torch.allclose(bound_of_fewer(log_weights, 1), log_weights.mean(0))
    assert torch.equal(bound_of_fewer(log_weights, 5), importance_weighted_bound(log_weights))


def test_effective_samples_by_hand():
    weights = torch.tensor([[1.0, 1.0, 1.0], [1.0, 3.0, 0.0], [1.0, 0.0, 0.0]])
    expected = torch.tensor([3.0, 1.6, 1.0])
    assert torch.allclose(effective_samples(weights.log()), expected)


def test_decoding_in_parts_changes_no_bound(monkeypatch):
    torch.manual_seed(0)
    clean = torch.rand(130, 144)
    batch = Batch(clean, clean, torch.zeros(130))
    settings = {"importance_samples": 7, "seed": 0}
    model = linear_model(144, 3, (12, 12))
    decoded, decode = [], model.network.decode
    monkeypatch.setattr(model.network, "decode", lambda z: decoded.append(z.shape[:2]) or decode(z))
    whole = importance.bounds(model, batch, settings)
    assert decoded == [(7, 100), (7, 30)]
    for pixels, expected in (
        (3 * 100 * 144, [(3, 100), (3, 100), (1, 100), (7, 30)]),
        (1, [(1, 100)] * 7 + [(1, 30)] * 7),
    ):
        decoded.clear()
        monkeypatch.setattr(importance, "DECODED", pixels)
        found = importance.bounds(model, batch, settings)
        assert all(torch.allclose(found[name], whole[name]) for name in whole)
        assert decoded == expected


def test_bounds_come_from_their_seed():
    clean = torch.rand(20, 144)
    batch = Batch(clean, clean, torch.zeros(20))
    model = linear_model(144, 3, (12, 12))
    first, again, other = (
        importance.bounds(model, batch, {"importance_samples": 3, "seed": seed})
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["elbo"], other["elbo"])
    assert torch.equal(first["kl"], other["kl"])
