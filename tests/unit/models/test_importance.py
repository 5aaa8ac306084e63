import math

import torch
from torch.distributions import Normal

from vaepipe.models.importance import importance_weighted_bound, weigh
from vaepipe.models.normal import Posterior


def test_weights_by_the_densities_of_torch():
    torch.manual_seed(0)
    posterior, z = Posterior(torch.randn(3, 2), torch.randn(3, 2)), torch.randn(5, 3, 2)
    log_likelihood = torch.randn(5, 3)
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    expected = log_likelihood + (Normal(0.0, 1.0).log_prob(z) - q.log_prob(z)).sum(-1)
    assert torch.allclose(weigh(log_likelihood, posterior, z), expected, atol=1e-5)


def test_the_bound_is_the_log_of_the_mean_weight():
    weights = torch.tensor([[1.0, 5.0], [3.0, 7.0]])
    expected = torch.tensor([math.log(2), math.log(6)])
    assert torch.allclose(importance_weighted_bound(weights.log()), expected)
