"""Test images as a judge sees them: what samples are compared with."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from vaepipe.core.errors import InputError
from vaepipe.judges.classifier import Judge
from vaepipe.models.batch import Batch
from vaepipe.models.neighbours import neighbours

NEAREST = 5
"""Neighbours whose distance is the radius of an image (as Naeem et al. 2020 choose it)."""


@dataclass(frozen=True)
class Reference:
    """Test images in the features of a judge, (n, features): what samples are compared with."""

    features: np.ndarray

    @classmethod
    def of(cls, judge: Judge, test: Batch, count: int, seed: int) -> "Reference":
        """So many clean test images, drawn without replacement; InputError if there are fewer."""
        return cls(judge.features(test.clean[draw(len(test), count, seed, "test")]))

    @cached_property
    def mean(self) -> np.ndarray:
        return self.features.mean(0)

    @cached_property
    def covariance(self) -> np.ndarray:
        return np.cov(self.features, rowvar=False)

    @cached_property
    def within(self) -> float:
        """The mean of the kernel over pairs of them."""
        return kernel_within(self.features)

    @cached_property
    def radii(self) -> np.ndarray:
        """The distance of each image to its NEAREST-th neighbour, (n,)."""
        features = torch.from_numpy(self.features)
        distances, _ = neighbours(features, features, NEAREST + 1)  # each is its own nearest
        return distances[:, -1].numpy()


def draw(images: int, count: int, seed: int, split: str) -> np.ndarray:
    """Rows of so many images of a split, without replacement; InputError if there are fewer."""
    if not NEAREST < count <= images:
        raise InputError(
            f"params.yaml: evaluation.samples: {count} must be more than {NEAREST} and not more "
            f"than the {images} images of the {split} split, which as many samples are compared "
            "with."
        )
    return np.sort(np.random.default_rng(seed).choice(images, count, replace=False))


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(x y / features + 1)^3 of all pairs (n, m): Bińkowski et al. 2018, section 4."""
    return (a @ b.T / a.shape[1] + 1) ** 3


def kernel_within(features: np.ndarray) -> float:
    """The mean of the kernel over pairs of different images."""
    found, count = kernel(features, features), len(features)
    return (found.sum() - np.trace(found)) / (count * (count - 1))
