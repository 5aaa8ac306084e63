"""The negative importance-weighted bound (Burda, Grosse & Salakhutdinov 2016)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.importance import importance_weighted_bound, weigh


class Objective:
    """-log 1/K sum p(clean, z_k) / q(z_k | noisy) over K draws of z from q: equation 8.

    With one draw it is the negative ELBO.
    """

    columns = ("bound",)
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood
        self._draws = settings["draws"]

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor]:
        """The negative bound of each image, (n,), in nats."""
        posterior = model.posterior(batch.noisy)
        z = posterior.draw(self._draws, generator)
        log_likelihood = self._likelihood.log_density(batch.clean, model.decode(z))
        return (-importance_weighted_bound(weigh(log_likelihood, posterior, z)),)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        return means[0]
