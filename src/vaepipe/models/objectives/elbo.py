"""The negative evidence lower bound (Kingma & Welling 2014), with the KL in closed form."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.normal import kl_per_latent
from vaepipe.models.schedules import linear


class Objective:
    """-log p(clean | z) at one draw of z from q(z | noisy), plus the KL of q from the prior."""

    columns = ("reconstruction", "kl")
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood
        self._beta, self._warmup_epochs = settings["beta"], settings["warmup_epochs"]

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Reconstruction and KL of each image, (n,) each, in nats."""
        posterior = model.posterior(batch.noisy)
        (z,) = posterior.draw(1, generator)
        output = model.decode(z)
        reconstruction = -self._likelihood.log_density(batch.clean, output)
        return reconstruction, kl_per_latent(posterior).sum(-1)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        """Reconstruction + weight * KL at a step of the training, from the terms' means.

        The weight grows from 0 to beta (Higgins et al. 2017) over the warm-up (Bowman et al. 2016;
        Sønderby et al. 2016).
        """
        weight = self._beta * linear(step, self._warmup_epochs * epoch_steps)
        return means[0] + weight * means[1]
