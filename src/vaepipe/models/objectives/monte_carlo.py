"""The negative evidence lower bound (Kingma & Welling 2014), with the KL estimated by draws."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.normal import kl_estimate
from vaepipe.models.schedules import linear


class Objective:
    """The mean of -log p(clean | z) and of log q(z | noisy) - log p(z) over draws of z from q.

    Kingma & Welling 2014, equation 6: the estimate that needs no closed form.
    """

    columns = ("reconstruction", "kl")
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood
        self._draws = settings["draws"]
        self._beta, self._warmup_epochs = settings["beta"], settings["warmup_epochs"]

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Reconstruction and estimated KL of each image, (n,) each, in nats."""
        posterior = model.posterior(batch.noisy)
        z = posterior.draw(self._draws, generator)
        reconstruction = -self._likelihood.log_density(batch.clean, model.decode(z)).mean(0)
        return reconstruction, kl_estimate(posterior, z)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        """Reconstruction + weight * KL, whose weight grows from 0 to beta over the warm-up."""
        weight = self._beta * linear(step, self._warmup_epochs * epoch_steps)
        return means[0] + weight * means[1]
