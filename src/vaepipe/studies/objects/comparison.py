"""The variants of the study `objects` side by side, and what their pictures look like."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vaepipe.core.files import Form, read_json, write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.figures import pictures
from vaepipe.generative import comparison
from vaepipe.generative.figures import read_analysis
from vaepipe.measures.seeds import spread

JUDGED = (
    "elbo",
    "reconstruction",
    "ssim",
    "legibility",
    "prior_discrepancy",
    "frechet",
    "knn_accuracy",
)
"""Measures by which each variant is compared with the baseline."""
OUTPUTS = (*comparison.FIGURES, "reconstructions.svg", "samples.svg", "comparison.json")
DISCRETE = "discretised_logistic"
"""The likelihood that gives a probability to each of the 256 values of a channel."""
SAMPLES = 10
"""Draws from the prior of each variant, side by side."""


class Config(Form):
    """A file config.json."""

    shape: list[int]


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    judges: Path,
    data: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and write their table; the outputs are in the order of OUTPUTS.

    To the table that studies share comes `bits`: of each variant the bits per dimension by its
    importance-weighted bound, over the seeds, or None where the likelihood is a density; and
    `bits_of_histogram`.
    """
    *figures, reconstructions_file, samples_file, table_file = outputs
    content = comparison.compare(
        "objects", JUDGED, settings, models, evaluations, analyses, judges, *figures
    )
    variants, look = settings["variants"], settings["figures"]
    shape = read_json(models / variants[0] / "config.json", Config)["shape"]
    comparison.draw_reconstructions(
        reconstructions_file, {v: models / v for v in variants}, data, shape, look
    )
    samples = {name: read_analysis(analyses / name)[0]["prior_samples"] for name in variants}
    draw_samples(samples_file, samples, shape, look)
    bits = {row["name"]: bits_of(row, math.prod(shape)) for row in content["variants"]}
    train, test = (read_images(data / file).pixels["clean"] for file in FILES)
    histogram = bits_of_histogram(train, test, math.prod(shape[2:]))
    write_json(table_file, content | {"bits": bits, "bits_of_histogram": histogram})


def draw_samples(
    target: Path, samples: Mapping[str, Any], shape: Sequence[int], look: Mapping[str, Any]
) -> None:
    """Images (n, pixels) that each variant decodes from draws of the prior, a row a variant."""
    count = min(SAMPLES, *map(len, samples.values()))
    rows = {name: images[:count] for name, images in samples.items()}
    pictures.labelled_grid(target, [""] * count, rows, shape, look)


def bits_of(row: Mapping[str, Any], values: int) -> dict[str, Any] | None:
    """Bits per dimension of a row of the table, over its seeds; None of a density."""
    if row["parts"]["likelihood"] != DISCRETE:
        return None
    return spread(
        [bits_per_dimension(bound, values) for bound in row["measures"]["iw_bound"]["values"]]
    )


def bits_of_histogram(train: np.ndarray, test: np.ndarray, channels: int) -> float:
    """Bits per dimension of test images (n, pixels) by one histogram a channel of training images.

    Each of the 256 values of a channel is counted once more, so that none has probability 0.
    """
    found = []
    for channel in range(channels):
        seen, new = (
            np.bincount(np.rint(255 * images[:, channel::channels]).astype(int).ravel(), None, 256)
            for images in (train, test)
        )
        probabilities = (seen + 1) / (seen + 1).sum()
        found.append(-(new * np.log2(probabilities)).sum() / new.sum())
    return float(np.mean(found))


def bits_per_dimension(bound: float, values: int) -> float:
    """Bits for each of so many 8-bit values of an image, whose log probability has a bound in nats.

    Minus its logarithm to the base 2, over the values: van den Oord et al. 2016, as they evaluate.
    """
    return -bound / (values * math.log(2))
