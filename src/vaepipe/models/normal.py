"""The diagonal normal distributions of a VAE: posterior, prior, the KL between them. In nats."""

import math
from typing import NamedTuple

import torch
from torch import Tensor


class Posterior(NamedTuple):
    """The diagonal normal q(z | x): mean and log variance, each (n, latent)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """mean + sigma * noise, the reparameterisation of Kingma & Welling 2014, section 2.4.

        The noise is (…, n, latent), standard normal; so is the shape of the result.
        """
        return self.mean + torch.exp(0.5 * self.log_variance) * noise

    def draw(self, draws: int, generator: torch.Generator) -> Tensor:
        """Samples (draws, n, latent), whose noise is drawn from the generator."""
        size, device = (draws, *self.mean.shape), self.mean.device
        return self.sample(torch.randn(size, generator=generator, device=device))

    def log_density(self, z: Tensor) -> Tensor:
        """log q(z | x) in nats for z of shape (…, n, latent)."""
        squared = (z - self.mean) ** 2 * torch.exp(-self.log_variance)
        return -0.5 * (math.log(2 * math.pi) + self.log_variance + squared).sum(-1)


def prior_log_density(z: Tensor) -> Tensor:
    """log p(z) of the standard normal in nats for z of shape (…, latent)."""
    return -0.5 * (math.log(2 * math.pi) + z**2).sum(-1)


def kl_per_latent(posterior: Posterior) -> Tensor:
    """KL(q(z_j | x) || N(0, 1)) in nats, (n, latent): Kingma & Welling 2014, appendix B."""
    mean, log_variance = posterior
    return -0.5 * (1 + log_variance - mean**2 - torch.exp(log_variance))


def kl_estimate(posterior: Posterior, z: Tensor) -> Tensor:
    """The same KL, of all latents (n,), estimated by the mean of log q(z | x) - log p(z).

    Over draws z from the posterior, (draws, n, latent).
    """
    return (posterior.log_density(z) - prior_log_density(z)).mean(0)
