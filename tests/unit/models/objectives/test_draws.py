"""The objectives that draw more than once, and against each other."""

import pytest
import torch

from vaepipe.models.batch import Batch
from vaepipe.models.bodies import mlp
from vaepipe.models.kinds.vae import VAE, build
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.objectives import elbo, iwae, mmd, monte_carlo

SETTINGS = {"beta": 1.0, "warmup_epochs": 0, "draws": 1, "mmd_weight": 7.0}


@pytest.fixture(autouse=True)
def double():
    torch.set_default_dtype(torch.double)
    yield
    torch.set_default_dtype(torch.float)


@pytest.fixture
def model() -> VAE:
    torch.manual_seed(1)
    settings = {"latent": 2, "hidden": [5], "activation": "tanh"}
    return build(mlp, 1, {"shape": (2, 3), "model": settings})


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(2)
    return Batch(torch.rand(3, 6), torch.rand(3, 6), torch.zeros(3, dtype=torch.int64))


def terms(objective, model, batch, seed=3, **settings):
    """The objective's terms, (terms, n)."""
    made = objective.Objective(Likelihood(), SETTINGS | settings)
    return torch.stack(made.terms(model, batch, torch.Generator().manual_seed(seed)))


def repeated(objective, model, batch, runs, **settings):
    return torch.stack([terms(objective, model, batch, seed, **settings) for seed in range(runs)])


@torch.no_grad()
def test_the_estimate_of_the_kl_nears_the_closed_form_as_one_over_the_root_of_draws(model, batch):
    exact = terms(elbo, model, batch)[1]
    errors = {}
    for draws in (1, 16, 256):
        found = repeated(monte_carlo, model, batch, 300, draws=draws)[:, 1]
        errors[draws] = (found - exact).square().mean().sqrt().item()
        assert ((found.mean(0) - exact).abs() < 4 * found.std(0) / 300**0.5).all()
    assert errors[1] / errors[16] == pytest.approx(4, rel=0.15)
    assert errors[16] / errors[256] == pytest.approx(4, rel=0.15)


def test_the_gradient_of_the_estimate_is_that_of_the_closed_form_on_average(model, batch):
    def gradient(objective, seed):
        model.zero_grad()
        terms(objective, model, batch, seed)[1].mean().backward()
        return torch.cat([p.grad.flatten() for p in model.encoder.parameters()])

    exact = gradient(elbo, 0)
    found = torch.stack([gradient(monte_carlo, seed) for seed in range(1500)])
    error = found.std(0) / 1500**0.5
    assert ((found.mean(0) - exact).abs() < 4.5 * error + 1e-9).all()
    assert exact.abs().max() > 20 * error.max()  # so that another gradient would be told from it


@torch.no_grad()
def test_iwae_with_one_draw_is_the_elbo(model, batch):
    (bound,) = terms(iwae, model, batch)
    assert torch.allclose(bound, terms(monte_carlo, model, batch).sum(0))


@torch.no_grad()
def test_iwae_rises_with_the_draws(model, batch):
    bounds = [repeated(iwae, model, batch, 400, draws=k).mean().item() for k in (1, 5, 50)]
    assert bounds[0] > bounds[1] + 0.01 and bounds[1] > bounds[2]  # they are negative bounds


@torch.no_grad()
def test_beta_and_warm_up_weigh_the_estimate_too():
    made = monte_carlo.Objective(Likelihood(), SETTINGS | {"beta": 4.0, "warmup_epochs": 2})
    means = torch.tensor([100.0, 8.0])
    losses = [made.loss(means, step, epoch_steps=2).item() for step in (0, 1, 4)]
    assert losses == [100.0, 108.0, 132.0]


@torch.no_grad()
def test_mmd_weighs_the_latents_of_all_images(model, batch):
    reconstruction, discrepancy = terms(mmd, model, batch)
    assert reconstruction.shape == (3,) and len(set(discrepancy.tolist())) == 1
    doubled = terms(mmd, model, batch, mmd_weight=14.0)[1]
    assert torch.allclose(doubled, 2 * discrepancy)
    assert torch.allclose(reconstruction, terms(elbo, model, batch)[0])  # at the same draw


@pytest.mark.parametrize("objective", [elbo, monte_carlo, iwae, mmd])
def test_gradients_equal_finite_differences(objective, model, batch):
    made = objective.Objective(Likelihood(), SETTINGS | {"draws": 3, "beta": 2.0})

    def loss() -> torch.Tensor:
        found = made.terms(model, batch, torch.Generator().manual_seed(3))
        return made.loss(torch.stack([term.mean() for term in found]), 0, 1)

    loss().backward()
    for parameter in model.parameters():
        flat, step = parameter.data.view(-1), 1e-6
        for index in range(0, len(flat), 5):
            before = flat[index].item()
            flat[index] = before + step
            above = loss().item()
            flat[index] = before - step
            below = loss().item()
            flat[index] = before
            expected = (above - below) / (2 * step)
            assert parameter.grad.view(-1)[index].item() == pytest.approx(expected, abs=1e-6)
