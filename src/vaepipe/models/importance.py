"""Importance weights of latents drawn from the posterior, and the bound that they give. In nats."""

import math

import torch
from torch import Tensor

from vaepipe.models.normal import Posterior, prior_log_density


def weigh(log_likelihood: Tensor, posterior: Posterior, z: Tensor) -> Tensor:
    """log w = log p(x | z) + log p(z) - log q(z | x), (samples, n), of z (samples, n, latent)."""
    return log_likelihood + prior_log_density(z) - posterior.log_density(z)


def importance_weighted_bound(log_weights: Tensor) -> Tensor:
    """log 1/K sum_k w_k, (n,) from (K, n): Burda, Grosse & Salakhutdinov 2016, equation 8."""
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))
