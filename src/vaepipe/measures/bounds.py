"""Bounds of the log likelihood, in nats per image."""

import math

import torch
from torch import Tensor

from vaepipe.measures.subject import BATCH, Subject
from vaepipe.models.batch import Batch
from vaepipe.models.normal import kl_per_latent, prior_log_density
from vaepipe.models.saved import Model

DECODED = 4_000_000
"""Pixels that are decoded at a time, so that more importance samples need no more memory."""


@torch.no_grad()
def measure(subject: Subject) -> dict[str, float]:
    """elbo, iw_bound, reconstruction, kl; ELBO = -reconstruction - kl."""
    samples, seed = subject.settings["importance_samples"], subject.settings["seed"]
    model, test = subject.model, subject.test
    generator = torch.Generator(test.noisy.device).manual_seed(seed)
    sums = torch.zeros(3, dtype=torch.float64)
    for batch in test.split(BATCH):
        log_likelihood, log_weights = importance_weights(model, batch, samples, generator)
        kl = kl_per_latent(model.network.posterior(batch.noisy)).sum(-1)
        parts = (-log_likelihood.mean(0), kl, importance_weighted_bound(log_weights))
        sums += torch.stack([part.double().sum() for part in parts]).cpu()
    reconstruction, kl, bound = (sums / len(test)).tolist()
    return {
        "elbo": -reconstruction - kl,
        "iw_bound": bound,
        "reconstruction": reconstruction,
        "kl": kl,
    }


def importance_weights(
    model: Model, batch: Batch, samples: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """log p(clean | z) and log w = log p(clean | z) + log p(z) - log q(z | noisy).

    Both (samples, n) in nats, at draws of z from the proposal q(z | noisy).
    """
    posterior = model.network.posterior(batch.noisy)
    size = (samples, *posterior.mean.shape)
    z = posterior.sample(torch.randn(size, generator=generator, device=batch.noisy.device))
    chunk = max(1, DECODED // batch.clean.numel())
    log_likelihood = torch.empty(size[:-1], device=z.device)
    for some, row in zip(z.split(chunk), log_likelihood.split(chunk), strict=True):
        row[:] = model.likelihood.log_density(batch.clean, model.network.decode(some))
    return log_likelihood, log_likelihood + prior_log_density(z) - posterior.log_density(z)


def memory(samples: int, latent: int) -> int:
    """The bytes that the importance weights of a batch take at the least: four arrays like z."""
    return 4 * 4 * samples * BATCH * latent


def importance_weighted_bound(log_weights: Tensor) -> Tensor:
    """log 1/K sum_k w_k, (n,) from (K, n): Burda, Grosse & Salakhutdinov 2016, equation 8."""
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))
