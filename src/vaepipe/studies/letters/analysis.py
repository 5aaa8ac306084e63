"""What the figures of the study `letters` are drawn from: images that the models decode."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.models.distances import nearest
from vaepipe.models.saved import Model

SHOWN = 10
"""Samples whose nearest training image is looked for."""


def analyse(
    models: Sequence[Model], train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of the trained seeds of a variant; pictures are those of the first.

    kl_per_latent (seeds, latent): nats, means over the test split. Images, uint8 (…, pixels):
    characters_clean, _noisy, _reconstructed: the first test image of each chosen character.
    sheet_noisy, sheet_reconstructed: the first sheet_side squared test images. prior_samples:
    decoded from z ~ N(0, I). nearest: the training image nearest to each of the first SHOWN of
    these, with nearest_distances (SHOWN,), root mean squares over the pixels. traversal: see
    `traversal`; the facts name the latent of each row. codes: the posterior means of the test
    images in the two latents of most KL, (n, 2), with their labels (n,), indices into the facts'
    classes.
    Raises InputError if the test split is too small for the sheet or lacks a character.
    """
    side, span = settings["sheet_side"], settings["traversal_span"]
    if side**2 > len(test):
        raise InputError(
            f"params.yaml: studies.letters.analysis.sheet_side: {side} x {side} images are "
            f"more than the {len(test)} of the test split."
        )
    model = models[0]
    chosen = [_first(test.labels, kind, name) for name in settings["characters"]]
    mean_kl = [model.network.mean_kl(test.noisy) for model in models]
    order = mean_kl[0].argsort(descending=True)
    start = model.encode(test.noisy[chosen[:1]])[0]
    path = torch.linspace(-span, span, settings["traversal_steps"]).to(start.device)
    prior_samples = model.sample(settings["prior_samples"], settings["seed"]).flatten(1)
    neighbours, distances = nearest(prior_samples[:SHOWN], train.clean)
    images = {
        "characters_clean": test.clean[chosen],
        "characters_noisy": test.noisy[chosen],
        "characters_reconstructed": _reconstruct(model, test.noisy[chosen]),
        "sheet_noisy": test.noisy[: side**2],
        "sheet_reconstructed": _reconstruct(model, test.noisy[: side**2]),
        "prior_samples": prior_samples,
        "nearest": train.clean[neighbours],
        "traversal": model.decode_pixels(traversal(start, order, path)),
    }
    arrays = {name: _bytes(values) for name, values in images.items()}
    facts = {
        "shape": list(kind.shape),
        "characters": settings["characters"],
        "classes": list(kind.classes),
        "traversal": {"latents": order.tolist(), "span": span},
    }
    numbers = {
        "kl_per_latent": torch.stack(mean_kl),
        "nearest_distances": distances,
        "codes": model.encode(test.noisy)[:, order[[0, min(1, len(order) - 1)]]],
        "labels": test.labels,
    }
    return {name: values.cpu().numpy() for name, values in numbers.items()} | arrays, facts


def traversal(start: Tensor, order: Tensor, path: Tensor) -> Tensor:
    """Latents to decode, (rows, steps, latent), from a start (latent,) and values (steps,).

    With two latents a grid over both: the first to the right, the second upwards. Otherwise one
    row a latent, in the given order, that takes each value in turn while the others stay.
    """
    if len(start) == 2:
        up, right = torch.meshgrid(path.flip(0), path, indexing="ij")
        return torch.stack([right, up], -1)
    z = start.repeat(len(order), len(path), 1)
    for row, latent in enumerate(order.tolist()):
        z[row, :, latent] = path
    return z


def _reconstruct(model: Model, noisy: Tensor) -> Tensor:
    return model.decode_pixels(model.encode(noisy))


def _first(labels: Tensor, kind: Kind, name: str) -> int:
    rows = (labels == kind.classes.index(name)).nonzero()
    if not len(rows):
        raise InputError(
            f"params.yaml: studies.letters.analysis.characters: the test split has no '{name}'."
        )
    return int(rows[0])


def _bytes(images: Tensor) -> np.ndarray:
    return (255 * images).round().to(torch.uint8).cpu().numpy()
