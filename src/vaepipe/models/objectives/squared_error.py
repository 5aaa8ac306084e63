"""The squared error of a reconstruction."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from vaepipe.models.batch import Batch


class Objective:
    """||clean - D(E(noisy))||^2, summed over the pixels of an image.

    In nats it is -log p(clean | z) of normal pixels with variance 1/2, less a constant.
    """

    columns = ("squared_error",)
    unit = "squared pixels"

    def __init__(self, likelihood, settings: Mapping[str, Any]):
        self._likelihood = likelihood

    def terms(self, model, batch: Batch, generator: torch.Generator) -> tuple[Tensor]:
        """The squared error of each image, (n,)."""
        decoded = self._likelihood.mean(model.decode(model.code(batch.noisy)))
        return ((batch.clean - decoded).square().sum(-1),)

    def loss(self, means: Tensor, step: int | Tensor, epoch_steps: int) -> Tensor:
        return means[0]
