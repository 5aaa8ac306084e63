"""What the figures of the study `faces` are drawn from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.generative.analysis import whole_bytes
from vaepipe.models.batch import Batch
from vaepipe.models.distances import squared
from vaepipe.models.saved import Model

MOST = 0.9
"""Share of a change that `described` finds the fewest pixels for."""

Found = tuple[dict[str, np.ndarray], dict[str, Any]]


def analyse(
    models: Sequence[Model], train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> Found:
    """Arrays and facts of the trained seeds of a variant; pictures are those of the first seed.

    Images, uint8 (…, pixels): originals, the first test images, and decoded, their
    reconstructions; changes (elements, pictures, pixels), see `raised`; blends
    (alphas, pictures, pixels), see `blended`, and noise (pixels,), what is decoded of the noise
    alone. Facts: `changes`, of each element its `latent`, by how much it is `raised`, and what is
    `described` of its changes; `blends`, see `measure_blends`; how many latents are `alive`, that
    is not the same for all test images, in each seed; `trainable`, the number of parameters with a
    gradient. Raises InputError if there are fewer test images than a setting asks for.
    """
    if settings["pictures"] > len(test) or len(test) < 2:
        raise InputError(
            "params.yaml: studies.faces.analysis.pictures: must not be more than the "
            f"{len(test)} test images, of which two are needed at the least."
        )
    model = models[0]
    if settings["changed"] > model.network.latent:
        raise InputError(
            "params.yaml: studies.faces.analysis.changed: must not be more than the "
            f"{model.network.latent} latents of a variant."
        )
    codes = [of.encode(test.clean) for of in models]
    first = codes[0][: settings["pictures"]]
    decoded = model.decode_pixels(first)
    latents = most_moving(model, codes[0], settings["changed"])
    steps = codes[0].std(0)[latents]
    changes = torch.stack(
        [model.decode_pixels(raised(first, *of)) for of in zip(latents, steps, strict=True)]
    )
    noise = [scrambled(of.encode(train.clean), settings["seed"]) for of in models]
    alphas = settings["alphas"]
    blends = torch.stack([model.decode_pixels(blended(first, noise[0], a)) for a in alphas])
    images = {
        "originals": test.clean[: settings["pictures"]],
        "decoded": decoded,
        "changes": changes,
        "blends": blends,
        "noise": model.decode_pixels(noise[0]),
    }
    facts = {
        "shape": list(kind.shape),
        "latent": model.network.latent,
        "alive": [int((of != of[:1]).any(0).sum()) for of in codes],
        "trainable": sum(p.numel() for p in model.network.parameters() if p.requires_grad),
        "changes": [
            {"latent": int(latent), "raised": float(step)} | described(after - decoded, kind.shape)
            for latent, step, after in zip(latents, steps, changes, strict=True)
        ],
        "alphas": alphas,
        "blends": [
            measure_blends(*of, test.clean, settings)
            for of in zip(models, codes, noise, strict=True)
        ],
    }
    return {name: whole_bytes(of) for name, of in images.items()}, facts


def most_moving(model: Model, codes: Tensor, count: int) -> Tensor:
    """So many elements of the latent that move the picture most, (count,), the most first.

    From the mean of codes (n, latent) each is raised by its own standard deviation over these, all
    others left as they are: by the mean squared change of what is decoded.
    """
    middle = codes.mean(0)
    steps = torch.diag(codes.std(0))
    before = model.decode_pixels(middle[None])
    moved = torch.cat(
        [squared(model.decode_pixels(middle + of), before) for of in steps.split(250)]
    )
    return moved.argsort(descending=True, stable=True)[:count]


def raised(codes: Tensor, latent: Tensor, step: Tensor) -> Tensor:
    """Codes (n, latent) with one element raised by a step."""
    changed = codes.clone()
    changed[:, latent] += step
    return changed


def scrambled(codes: Tensor, seed: int) -> Tensor:
    """One latent of noise (latent,): each element is that of another of the codes (n, latent).

    Which, is drawn for each element by itself: so the noise has the scale, the sign and the zeros
    of latents, and nothing of how their elements belong together.
    """
    rows = np.random.default_rng(seed).integers(0, len(codes), codes.shape[1])
    return codes[torch.from_numpy(rows), torch.arange(codes.shape[1])]


def blended(codes: Tensor, noise: Tensor, alpha: float) -> Tensor:
    """alpha z + (1 - alpha) n of codes z (n, latent), with the same noise n for all of them."""
    return alpha * codes + (1 - alpha) * noise


def described(change: Tensor, shape: Sequence[int]) -> dict[str, float | list[float]]:
    """What changes of images (n, pixels) of a shape are like, as means over the images.

    `rms`, their root mean square; `brightness`, their mean; `thirds`, the shares of the squared
    change in the upper, the middle and the lower third of the picture; `colours`, those in each
    channel; and `extent`, the smallest share of the picture's points that holds MOST of it.
    """
    height, width = shape[:2]
    energy = change.double().square().reshape(len(change), height, width, -1)
    total = energy.sum((1, 2, 3)).clamp(min=torch.finfo(torch.double).tiny)
    thirds = [of.sum((1, 2, 3)) / total for of in energy.tensor_split(3, 1)]
    points = energy.sum(3).flatten(1).sort(1, descending=True).values.cumsum(1)
    fewest = ((points < MOST * total[:, None]).sum(1) + 1).clamp(max=points.shape[1])
    return {
        "rms": change.double().square().mean(1).sqrt().mean().item(),
        "brightness": change.double().mean().item(),
        "thirds": [of.mean().item() for of in thirds],
        "colours": (energy.sum((1, 2)) / total[:, None]).mean(0).tolist(),
        "extent": (fewest / points.shape[1]).double().mean().item(),
    }


def measure_blends(
    model: Model, codes: Tensor, noise: Tensor, clean: Tensor, settings: Mapping[str, Any]
) -> dict[str, list[float]]:
    """What blending does to the pictures of all codes (n, latent), for each alpha.

    `error`: the mean squared error per pixel to the original images (n, pixels). `moved`: that to
    the image's own reconstruction, and `foreign`: that to what is decoded of the noise alone.
    `apart`: the mean squared distance per pixel between the outputs of different images, over
    pairs drawn at random.
    """
    one, other = pairs(len(codes), settings["pairs"], settings["seed"])
    own, alone = model.decode_pixels(codes), model.decode_pixels(noise)
    found: dict[str, list[float]] = {name: [] for name in ("error", "moved", "foreign", "apart")}
    for alpha in settings["alphas"]:
        images = model.decode_pixels(blended(codes, noise, alpha))
        found["error"].append(squared(images, clean).mean().item())
        found["moved"].append(squared(images, own).mean().item())
        found["foreign"].append(squared(images, alone).mean().item())
        found["apart"].append(squared(images[one], images[other]).mean().item())
    return found


def pairs(images: int, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """So many pairs of different ones of so many images, drawn at random, (count,) each."""
    rng = np.random.default_rng(seed)
    one = rng.integers(0, images, count)
    other = (one + rng.integers(1, images, count)) % images
    return torch.from_numpy(one), torch.from_numpy(other)
