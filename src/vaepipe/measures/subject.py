"""A trained model on one data set, as measures see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from torch import Tensor

from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model

BATCH = 100
"""Test images at a time; another size gives other importance samples."""


@dataclass(frozen=True)
class Subject:
    model: Model
    train: Batch
    test: Batch
    settings: Mapping[str, Any]
    """The section `evaluation` of the study."""

    @cached_property
    def codes(self) -> Tensor:
        """The posterior means of the noisy test images, (n, latent)."""
        return self.model.network.encode(self.test.noisy)
