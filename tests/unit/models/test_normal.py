import math

import pytest
import torch
from torch.distributions import Independent, Normal, kl_divergence

from vaepipe.models.normal import Posterior, kl_per_latent, prior_log_density


@pytest.fixture
def posterior():
    torch.manual_seed(0)
    return Posterior(torch.randn(5, 3, dtype=torch.double), torch.randn(5, 3, dtype=torch.double))


def test_kl_equals_torch_distributions(posterior):
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    expected = kl_divergence(q, Normal(0.0, 1.0))
    assert torch.allclose(kl_per_latent(posterior), expected)


def test_kl_equals_its_monte_carlo_estimate(posterior):
    draws = 200_000
    z = posterior.sample(torch.randn(draws, 5, 3, dtype=torch.double))
    ratio = posterior.log_density(z) - prior_log_density(z)
    error = 4 * ratio.std(0) / math.sqrt(draws)
    assert ((ratio.mean(0) - kl_per_latent(posterior).sum(-1)).abs() < error).all()


def test_log_densities_equal_torch_distributions(posterior):
    z = torch.randn(2, 5, 3, dtype=torch.double)
    q = Independent(Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance)), 1)
    p = Independent(Normal(torch.zeros(3).double(), torch.ones(3).double()), 1)
    assert torch.allclose(posterior.log_density(z), q.log_prob(z))
    assert torch.allclose(prior_log_density(z), p.log_prob(z))


def test_sampling_lets_gradients_through_as_finite_differences_have_it(posterior):
    noise = torch.randn(5, 3, dtype=torch.double)
    mean, log_variance = (part.clone().requires_grad_() for part in posterior)
    assert torch.autograd.gradcheck(
        lambda m, v: Posterior(m, v).sample(noise).sin(), (mean, log_variance)
    )
