"""How many latents carry something, and how far all of them are from the prior."""

import torch
from torch import Tensor

from vaepipe.measures.subject import Subject
from vaepipe.models.discrepancy import discrepancy

MOST = 2000
"""Latents that are compared with as many of the prior: the kernel is taken of all pairs."""


@torch.no_grad()
def measure(subject: Subject) -> dict[str, float]:
    """active_units, informative_latents: counts; prior_discrepancy."""
    mean_kl = subject.model.network.mean_kl(subject.test.noisy)
    return {
        "active_units": active_units(subject.codes, subject.settings["active_threshold"]),
        "informative_latents": informative_latents(mean_kl, subject.settings["informative_kl"]),
        "prior_discrepancy": prior_discrepancy(subject),
    }


def prior_discrepancy(subject: Subject) -> float:
    """MMD^2 between draws of the prior and of the aggregate posterior, one for each test image.

    Of so many test images at the most. Unbiased, so that it may be below 0.
    """
    generator = torch.Generator(subject.test.noisy.device)
    generator.manual_seed(subject.settings["seed"])
    posterior = subject.model.network.posterior(subject.test.noisy[:MOST])
    (z,) = posterior.draw(1, generator)
    prior = torch.randn(z.shape, generator=generator, device=z.device)
    return discrepancy(z.double(), prior.double()).item()


def active_units(codes: Tensor, threshold: float) -> int:
    """Latents whose posterior mean varies over the data by more than the threshold.

    `codes` are posterior means (n, latent): Burda, Grosse & Salakhutdinov 2016, section 5.2.
    """
    return int((codes.var(0) > threshold).sum())


def informative_latents(mean_kl: Tensor, threshold: float) -> int:
    """Latents whose KL, averaged over the data (latent,), exceeds the threshold in nats.

    It asks more than `active_units`: a mean that varies by 0.01 is a KL of 0.005 nats.
    """
    return int((mean_kl > threshold).sum())
