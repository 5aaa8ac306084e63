"""The objective with several draws and the closed form, against those that have one of the two."""

import pytest
import torch

from vaepipe.models.batch import Batch
from vaepipe.models.bodies import mlp
from vaepipe.models.kinds.vae import VAE, build
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.objectives import elbo, monte_carlo, sgvb

SETTINGS = {"beta": 1.0, "warmup_epochs": 0, "draws": 1}


@pytest.fixture
def model() -> VAE:
    torch.manual_seed(1)
    settings = {"latent": 2, "hidden": [5], "activation": "tanh"}
    return build(mlp, 1, {"shape": (2, 3), "model": settings})


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(2)
    return Batch(torch.rand(3, 6), torch.rand(3, 6), torch.zeros(3, dtype=torch.int64))


@torch.no_grad()
def terms(objective, model, batch, **settings):
    made = objective.Objective(Likelihood(), SETTINGS | settings)
    return torch.stack(made.terms(model, batch, torch.Generator().manual_seed(3)))


def test_with_one_draw_it_is_the_elbo(model, batch):
    assert torch.equal(terms(sgvb, model, batch), terms(elbo, model, batch))


def test_its_reconstruction_is_a_mean_over_draws_and_its_kl_the_closed_form(model, batch):
    found = terms(sgvb, model, batch, draws=7)
    assert torch.equal(found[0], terms(monte_carlo, model, batch, draws=7)[0])
    assert torch.equal(found[1], terms(elbo, model, batch)[1])
    assert not torch.equal(found[0], terms(sgvb, model, batch)[0])


def test_its_loss_weighs_the_kl():
    made = sgvb.Objective(Likelihood(), SETTINGS | {"beta": 0.25})
    assert made.loss(torch.tensor([3.0, 8.0]), step=0, epoch_steps=10).item() == 5.0
