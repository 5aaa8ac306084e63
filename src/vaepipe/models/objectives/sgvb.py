"""The negative evidence lower bound by several draws, with the KL in closed form."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.normal import kl_per_latent


class Objective:
    """The mean of -log p(clean | z) over draws of z from q(z | noisy), plus the KL of q.

    The second estimator of stochastic gradient variational Bayes: Kingma & Welling 2014,
    equation 7. With one draw it is the objective `elbo` without a warm-up.
    """

    columns = ("reconstruction", "kl")
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood
        self._draws, self._beta = settings["draws"], settings["beta"]

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Reconstruction and KL of each image, (n,) each, in nats."""
        posterior = model.posterior(batch.noisy)
        z = posterior.draw(self._draws, generator)
        reconstruction = -self._likelihood.log_density(batch.clean, model.decode(z)).mean(0)
        return reconstruction, kl_per_latent(posterior).sum(-1)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        """Reconstruction + beta * KL, from the terms' means."""
        return means[0] + self._beta * means[1]
