"""A trained model on one data set, as measures see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from torch import Tensor

from vaepipe.judges.classifier import Judge
from vaepipe.measures.importance import bounds
from vaepipe.measures.reference import Reference
from vaepipe.models.batch import Batch

if TYPE_CHECKING:
    from vaepipe.models.saved import Model


@dataclass(frozen=True)
class Subject:
    model: "Model"
    train: Batch
    test: Batch
    judge: Judge
    reference: Reference | None
    """None where no samples are measured."""
    settings: Mapping[str, Any]
    """The section `evaluation` of the study."""

    @cached_property
    def bounds(self) -> dict[str, Tensor]:
        """The bounds of each test image and their parts, (n,) each, in nats."""
        return bounds(self.model, self.test, self.settings)

    @cached_property
    def codes(self) -> Tensor:
        """The posterior means of the noisy test images, (n, latent)."""
        return self.model.encode(self.test.noisy)

    @cached_property
    def decoded(self) -> Tensor:
        """The images that are decoded from them, (n, pixels) in [0, 1]."""
        return self.model.decode_pixels(self.codes)

    @cached_property
    def probabilities(self) -> Tensor:
        """What a classifier says of each class for the noisy test images, (n, classes)."""
        return self.model.classify(self.test.noisy)
