"""The cross-entropy of the classes."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch


class Objective:
    """-log p(label | noisy)."""

    columns = ("cross_entropy",)
    unit = "nats"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor]:
        """The cross-entropy of each image, (n,), in nats."""
        return (-self._likelihood.log_density(batch.labels, model.classify(batch.noisy)),)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        return means[0]
