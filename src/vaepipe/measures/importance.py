"""Bounds of the log likelihood by importance sampling, in nats per image."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.importance import importance_weighted_bound, weigh
from vaepipe.models.normal import Posterior, kl_per_latent

if TYPE_CHECKING:
    from vaepipe.models.saved import Model

BATCH = 100
"""Images at a time; another size gives other importance samples."""
DECODED = 400_000
"""Pixels that are decoded at a time, so that more importance samples need no more memory.

Of convolutions five images times 100 take 0.6 of the time that fifty times 100 take.
"""


@torch.no_grad()
def bounds(model: "Model", images: Batch, settings: Mapping[str, Any]) -> dict[str, Tensor]:
    """The bounds of a model on each image and their parts, (n,) each; ELBO = -reconstruction - kl.

    In double precision on the CPU.
    """
    generator = torch.Generator(images.noisy.device).manual_seed(settings["seed"])
    parts = []
    for batch in images.split(BATCH):
        posterior = model.network.posterior(batch.noisy)
        log_likelihood, log_weights = importance_weights(
            model, posterior, batch.clean, settings["importance_samples"], generator
        )
        reconstruction = -log_likelihood.double().mean(0)
        kl = kl_per_latent(posterior).double().sum(-1)
        found = {
            "elbo": -reconstruction - kl,
            "iw_bound": importance_weighted_bound(log_weights).double(),
            "iw_bound_tenth": bound_of_fewer(log_weights, max(1, len(log_weights) // 10)).double(),
            "reconstruction": reconstruction,
            "kl": kl,
            "effective_samples": effective_samples(log_weights).double(),
        }
        parts.append(torch.stack([*found.values()]))
    return dict(zip(found, torch.cat(parts, dim=1).cpu(), strict=True))


def importance_weights(
    model: "Model", posterior: Posterior, clean: Tensor, samples: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """log p(clean | z) and log w = log p(clean | z) + log p(z) - log q(z | noisy).

    Both (samples, n) in nats, at draws of z from the proposal q(z | noisy) of clean images
    (n, pixels).
    """
    z = posterior.draw(samples, generator)
    chunk = max(1, DECODED // clean.numel())
    log_likelihood = torch.empty(z.shape[:-1], device=z.device)
    for some, row in zip(z.split(chunk), log_likelihood.split(chunk), strict=True):
        row[:] = model.likelihood.log_density(clean, model.network.decode(some))
    return log_likelihood, weigh(log_likelihood, posterior, z)


def memory(samples: int, latent: int) -> int:
    """The bytes that the importance weights of a batch take at the least: four arrays like z."""
    return 4 * 4 * samples * BATCH * latent


def bound_of_fewer(log_weights: Tensor, samples: int) -> Tensor:
    """The bound of so many samples, (n,), as a mean over groups of them; the rest are left out."""
    groups = log_weights[: len(log_weights) // samples * samples].unflatten(0, (-1, samples))
    return torch.stack([importance_weighted_bound(group) for group in groups]).mean(0)


def effective_samples(log_weights: Tensor) -> Tensor:
    """(sum w)^2 / sum w^2, (n,) from (K, n): how many equal weights tell as much (Kong 1992)."""
    return torch.exp(2 * torch.logsumexp(log_weights, 0) - torch.logsumexp(2 * log_weights, 0))
