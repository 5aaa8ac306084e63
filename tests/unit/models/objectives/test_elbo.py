import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vaepipe.models.batch import Batch
from vaepipe.models.bodies import mlp
from vaepipe.models.kinds.vae import VAE, build
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.objectives.elbo import Objective

NO_WARMUP = {"beta": 1.0, "warmup_epochs": 0}


@pytest.fixture(autouse=True)
def double():
    """Noise is drawn in the default type."""
    torch.set_default_dtype(torch.double)
    yield
    torch.set_default_dtype(torch.float)


def small_model() -> VAE:
    torch.manual_seed(1)
    settings = {"latent": 2, "hidden": [5, 4], "activation": "relu"}
    return build(mlp, 1, {"shape": (2, 3), "model": settings})


def small_batch() -> Batch:
    torch.manual_seed(2)
    return Batch(torch.rand(3, 6), torch.rand(3, 6), torch.zeros(3, dtype=torch.int64))


def test_terms_are_the_reconstruction_at_one_draw_and_the_kl():
    model, batch = small_model(), small_batch()
    terms = Objective(Likelihood(), NO_WARMUP).terms(model, batch, torch.Generator().manual_seed(3))
    posterior = model.posterior(batch.noisy)
    noise = torch.randn(3, 2, generator=torch.Generator().manual_seed(3))
    output = model.decode(posterior.mean + torch.exp(0.5 * posterior.log_variance) * noise)
    reconstruction = -Likelihood().log_density(batch.clean, output)
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    kl = kl_divergence(q, Normal(0.0, 1.0)).sum(-1)
    assert len(terms) == len(Objective.columns) == 2
    assert Objective.columns == ("reconstruction", "kl")
    assert torch.allclose(terms[0], reconstruction)
    assert torch.allclose(terms[1], kl)


def test_loss_gradient_equals_finite_differences():
    model, objective, batch = small_model(), Objective(Likelihood(), NO_WARMUP), small_batch()

    def loss() -> torch.Tensor:
        generator = torch.Generator().manual_seed(3)
        terms = objective.terms(model, batch, generator)
        return objective.loss(torch.stack([term.mean() for term in terms]), 0, 1)

    loss().backward()
    for parameter in model.parameters():
        flat, step = parameter.data.view(-1), 1e-6
        for index in range(0, len(flat), 7):
            before = flat[index].item()
            flat[index] = before + step
            above = loss().item()
            flat[index] = before - step
            below = loss().item()
            flat[index] = before
            expected = (above - below) / (2 * step)
            assert parameter.grad.view(-1)[index].item() == pytest.approx(expected, abs=1e-6)


def test_the_kl_counts_more_from_step_to_step_of_the_warm_up():
    objective = Objective(Likelihood(), {"beta": 1.0, "warmup_epochs": 2})
    means = torch.tensor([100.0, 8.0, 1e6])  # the L2 term is the optimiser's
    losses = [objective.loss(means, step, epoch_steps=2).item() for step in (0, 1, 2, 4, 9)]
    assert losses == [100.0, 102.0, 104.0, 108.0, 108.0]
    assert Objective(Likelihood(), NO_WARMUP).loss(means, 0, 2).item() == 108.0
