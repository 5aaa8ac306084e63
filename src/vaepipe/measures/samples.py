"""How like the clean test images the samples of a model are, in the features of a judge.

Comparable within one judge and for equal numbers of images only: all four depend on both.
"""

import numpy as np

from vaepipe.measures.reference import NEAREST, Reference, kernel, kernel_within
from vaepipe.measures.subject import Subject
from vaepipe.models.sharpness import sharpness


def measure(subject: Subject) -> dict[str, float]:
    """frechet, kernel_distance, density, coverage, sharpness of draws from the prior."""
    settings, shape = subject.settings, subject.model.shape
    drawn = subject.model.sample(settings["samples"], settings["seed"]).flatten(1)
    data = sharpness(subject.test.clean, shape)
    found = quality(subject.judge.features(drawn), subject.reference)
    return found | {"sharpness": sharpness(drawn, shape) / data if data else 0.0}


def quality(samples: np.ndarray, reference: Reference) -> dict[str, float]:
    """All four, of the features (m, features) of samples."""
    density, coverage = density_and_coverage(samples, reference)
    return {
        "frechet": frechet_distance(samples, reference),
        "kernel_distance": kernel_distance(samples, reference),
        "density": density,
        "coverage": coverage,
    }


def frechet_distance(samples: np.ndarray, reference: Reference) -> float:
    """The squared distance of the normal laws with their means and covariances.

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)): Heusel et al. 2017, equation 6; biased upwards,
    the more the fewer images there are. The trace of the root is the sum of the roots of the
    eigenvalues of C1^(1/2) C2 C1^(1/2), which is symmetric.
    """
    gap = samples.mean(0) - reference.mean
    covariance = np.cov(samples, rowvar=False)
    values, vectors = np.linalg.eigh(reference.covariance)
    root = (vectors * np.sqrt(values.clip(min=0))) @ vectors.T
    shared = np.sqrt(np.linalg.eigvalsh(root @ covariance @ root).clip(min=0)).sum()
    traces = np.trace(covariance) + np.trace(reference.covariance)
    return float(gap @ gap + traces - 2 * shared)


def kernel_distance(samples: np.ndarray, reference: Reference) -> float:
    """The squared maximum mean discrepancy, unbiased, so it may be below 0.

    With the kernel (x y / features + 1)^3 of Bińkowski et al. 2018, section 4; the estimate is
    that of Gretton et al. 2012, lemma 6.
    """
    between = kernel(samples, reference.features).mean()
    return float(kernel_within(samples) + reference.within - 2 * between)


def density_and_coverage(samples: np.ndarray, reference: Reference) -> tuple[float, float]:
    """Naeem et al. 2020, equations 5 and 6.

    Density: in how many balls around test images a sample lies, on average, over NEAREST; about 1
    where both have one law. Coverage: the share of those balls in which any sample lies.
    """
    squared = (
        (samples**2).sum(1)[:, None]
        + (reference.features**2).sum(1)
        - 2 * samples @ reference.features.T
    )
    inside = squared <= reference.radii**2
    return float(inside.sum(1).mean() / NEAREST), float(inside.any(0).mean())
