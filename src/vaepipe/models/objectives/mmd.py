"""Reconstruction, and the discrepancy between all latents and the prior (Zhao et al. 2019)."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.discrepancy import discrepancy


class Objective:
    """-log p(clean | z) at one draw of z, plus weight * MMD^2 of a batch's draws from the prior.

    InfoVAE of Zhao et al. 2019, equation 6, with alpha = 1: the posterior of one image may be
    anything, only that of all images together is held to the prior.
    """

    columns = ("reconstruction", "mmd")
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood
        self._weight = settings["mmd_weight"]

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Reconstruction of each image and weight * MMD^2 of all, the same for each: (n,), nats."""
        (z,) = model.posterior(batch.noisy).draw(1, generator)
        prior = torch.randn(z.shape, generator=generator, device=z.device)
        reconstruction = -self._likelihood.log_density(batch.clean, model.decode(z))
        return reconstruction, (self._weight * discrepancy(z, prior)).expand(len(z))

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        return means[0] + means[1]
