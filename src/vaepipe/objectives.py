"""What a model is trained for: likelihood + regulariser + L2.

Every term is in nats per image: summed over pixels or latent dimensions, never averaged.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional


class Posterior(NamedTuple):
    """The diagonal normal q(z | x): mean and log variance, each (n, latent)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, noise: Tensor) -> Tensor:
        """mean + sigma * noise, the reparameterisation of Kingma & Welling 2014, section 2.4.

        The noise is (…, n, latent), standard normal; so is the shape of the result.
        """
        return self.mean + torch.exp(0.5 * self.log_variance) * noise

    def log_density(self, z: Tensor) -> Tensor:
        """log q(z | x) in nats for z of shape (…, n, latent)."""
        squared = (z - self.mean) ** 2 * torch.exp(-self.log_variance)
        return -0.5 * (math.log(2 * math.pi) + self.log_variance + squared).sum(-1)


def prior_log_density(z: Tensor) -> Tensor:
    """log p(z) of the standard normal in nats for z of shape (…, latent)."""
    return -0.5 * (math.log(2 * math.pi) + z**2).sum(-1)


class Likelihood(Protocol):
    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        """log p(target | output) in nats, summed over the last dimension (pixels)."""

    def mean(self, output: Tensor) -> Tensor:
        """The image in [0, 1] that the decoder's output stands for."""


class Bernoulli:
    """Bernoulli pixels, from logits: x log y + (1 - x) log(1 - y) with y = sigmoid(output).

    On grey pixels this is a cross-entropy, not a normalised density (Loaiza-Ganem & Cunningham
    2019).
    """

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        target = target.expand_as(output)
        entropy = functional.binary_cross_entropy_with_logits(output, target, reduction="none")
        return -entropy.sum(-1)

    def mean(self, output: Tensor) -> Tensor:
        return torch.sigmoid(output)


def kl_per_latent(posterior: Posterior) -> Tensor:
    """KL(q(z_j | x) || N(0, 1)) in nats, (n, latent): Kingma & Welling 2014, appendix B."""
    mean, log_variance = posterior
    return -0.5 * (1 + log_variance - mean**2 - torch.exp(log_variance))


class KL:
    """The KL divergence of the posterior from the standard normal prior, in closed form."""

    def __call__(self, posterior: Posterior) -> Tensor:
        """Nats per image, (n,)."""
        return kl_per_latent(posterior).sum(-1)


@torch.no_grad()
def squared_weights(model: nn.Module) -> Tensor:
    """The sum of the squares of all weight matrices; biases are left out.

    No gradient passes: the optimiser adds that of the L2 term (training.build_optimiser).
    """
    weights = [w.flatten() for w in model.parameters() if w.ndim > 1]
    return torch.stack([w.dot(w) for w in weights]).sum()


class Terms(NamedTuple):
    """The loss per image is reconstruction + KL weight * kl + l2, each in nats."""

    reconstruction: Tensor
    """-log p(x | z), (n,)."""
    kl: Tensor
    """(n,)."""
    l2: Tensor
    """The same for every image, ()."""


@dataclass(frozen=True)
class Objective:
    likelihood: Likelihood
    regulariser: KL
    l2: float

    def terms(
        self, model: nn.Module, target: Tensor, output: Tensor, posterior: Posterior
    ) -> Terms:
        return Terms(
            -self.likelihood.log_density(target, output),
            self.regulariser(posterior),
            self.l2 * squared_weights(model),
        )
