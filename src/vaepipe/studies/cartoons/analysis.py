"""What the figures of the study `cartoons` are drawn from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.generative.analysis import whole_bytes
from vaepipe.models.batch import Batch
from vaepipe.models.distances import nearest
from vaepipe.models.saved import Model
from vaepipe.models.sharpness import sharpness

WAYS = ("linear", "spherical")
"""How latents are interpolated."""
MEASURED = ("near", "far", "aside", "nearest", "sharpness")
"""What is measured of the images on the way between two, see `distances`."""
FLAT = 1e-3
"""Sine of an angle, below which an arc and its chord are the same but for rounding."""
MANY = 512
"""Draws of z by which the reconstruction that estimates are compared with is averaged."""


def analyse(
    models: Sequence[Model], train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of the trained seeds of a variant; pictures are those of the first seed.

    Images, uint8 (…, pixels): prior_samples (deviations, n), from the same draws times each
    deviation; ends (pictures, 2), the test images of the first pairs; linear, spherical
    (pictures, steps), see `interpolate`, decoded. Of each seed, over all pairs: linear_way,
    spherical_way and blend_way (seeds, len(MEASURED), steps), see `distances`; blend is the mixture
    of the two decoded ends, pixel by pixel. between (seeds, 3): of the images in the middle of
    either way the share that lies between the ends, see `lie_between`, and the same of one image
    for all pairs, decoded from the latent 0. norms (seeds, 2): the mean norm of the latents in the
    middle. sharpness (seeds, deviations): of samples, over
    that of the test images. estimates (numbers of draws, repeats): the reconstruction in nats, a
    mean over the first images, by so many draws; `reconstruction` is that by MANY.

    Raises InputError if there are fewer test images than a setting asks for.
    """
    if len(test) < max(2, settings["images"]):
        raise InputError(
            f"params.yaml: studies.cartoons.analysis.images: {settings['images']} are asked for, "
            f"but there are {len(test)} test images, of which interpolation needs two."
        )
    generator = torch.Generator().manual_seed(settings["seed"])
    pairs = pairs_of(len(test), settings["pairs"], generator)
    parts = torch.linspace(0, 1, settings["steps"])
    data = sharpness(test.clean, kind.shape)
    found, images = [], {}
    for model in models:
        ways, middles = ways_of(model, test, pairs, parts, settings["seed"])
        drawn = scaled(model, settings["deviations"], settings["prior_samples"], settings["seed"])
        samples = [model.decode_pixels(z) for z in drawn]
        images = images or {
            "prior_samples": torch.stack(samples),
            "ends": test.clean[pairs[: settings["pictures"]]],
            **{way: ways[way][: settings["pictures"]] for way in WAYS},
        }
        central = model.decode_pixels(torch.zeros_like(drawn[0][:1]))
        centres = [*(ways[way][:, len(parts) // 2] for way in WAYS), central]
        measured = {
            f"{name}_way": distances(way, train.clean, kind.shape) for name, way in ways.items()
        }
        found.append(
            measured
            | {
                "between": torch.tensor([lie_between(of, ways["linear"]) for of in centres]),
                "norms": middles,
                "sharpness": torch.tensor(
                    [sharpness(of, kind.shape) / data if data else 0.0 for of in samples]
                ),
            }
        )
    estimates, exact = reconstructions(models[0], test[: settings["images"]], settings)
    numbers = {name: torch.stack([of[name] for of in found]) for name in found[0]}
    arrays = {name: values.cpu().numpy() for name, values in numbers.items()}
    arrays |= {name: whole_bytes(of) for name, of in images.items()}
    facts = {
        "shape": list(kind.shape),
        "latent": models[0].network.latent,
        "deviations": settings["deviations"],
        "draws": settings["draws"],
        "pairs": settings["pairs"],
        "data_sharpness": data,
        "data_nearest": nearest(test.clean, train.clean)[1].mean().item(),
        "reconstruction": exact,
    }
    return arrays | {"estimates": estimates.cpu().numpy()}, facts


def pairs_of(images: int, count: int, generator: torch.Generator) -> Tensor:
    """So many pairs (count, 2) of different rows of images, each drawn by itself."""
    first = torch.randint(images, (count,), generator=generator)
    other = torch.randint(images - 1, (count,), generator=generator)
    return torch.stack([first, other + (other >= first)], 1)


def ways_of(
    model: Model, test: Batch, pairs: Tensor, parts: Tensor, seed: int
) -> tuple[dict[str, Tensor], Tensor]:
    """Images (pairs, steps, pixels) on each way between two, and mean norms of the middle (2,).

    The ends are draws from the posteriors of the two test images, one of each image of a pair.
    """
    device = test.noisy.device
    pairs, parts = pairs.to(device), parts.to(device)
    with torch.no_grad():
        posterior = model.network.posterior(test.noisy[pairs.flatten()])
        (z,) = posterior.draw(1, torch.Generator(device).manual_seed(seed))
    one, other = z.unflatten(0, (-1, 2)).unbind(1)
    latents = {way: interpolate(one, other, parts, way) for way in WAYS}
    decoded = {way: model.decode_pixels(of) for way, of in latents.items()}
    first, last = decoded["linear"][:, :1], decoded["linear"][:, -1:]
    blend = torch.lerp(first, last, parts[:, None])
    middle = len(parts) // 2
    norms = torch.stack([latents[way][:, middle].norm(dim=-1).mean() for way in WAYS])
    return decoded | {"blend": blend}, norms


def interpolate(one: Tensor, other: Tensor, parts: Tensor, way: str) -> Tensor:
    """Latents (n, steps, latent) from one (n, latent) to the other, at parts (steps,) of the way.

    linear: on the straight line. spherical: at equal angles, sin((1 - t) w) / sin(w) of the one
    and sin(t w) / sin(w) of the other, where w is the angle between them (Shoemake 1985; White
    2016). Where they point in one direction or in opposite ones, the line stands for the arc.
    """
    parts, ends = parts[:, None], (one[:, None], other[:, None])
    line = torch.lerp(*ends, parts)
    if way == "linear":
        return line
    cosine = torch.cosine_similarity(*ends, dim=-1)[..., None]
    angle = torch.arccos(cosine.clamp(-1, 1))
    sine = torch.sin(angle)
    arc = (torch.sin((1 - parts) * angle) * ends[0] + torch.sin(parts * angle) * ends[1]) / sine
    return torch.where(sine.abs() < FLAT, line, arc)


def distances(way: Tensor, train: Tensor, shape: Sequence[int]) -> Tensor:
    """What is MEASURED of images (pairs, steps, pixels), means over pairs: (len(MEASURED), steps).

    near, far: root mean square distances over pixels from the first image of the way, and from the
    last; aside: from the nearest point of the straight line between these two; each over the
    distance of the two. nearest: the distance, not over that, from the nearest of the training
    images (n, pixels). sharpness: that of the images. Pairs whose ends are decoded alike are left
    out of the first three, which are 0 if all are.
    """
    first, last = way[:, :1], way[:, -1:]
    apart = rms(first - last)
    kept = apart[:, 0] > 0
    line = (last - first).double()
    squared = line.square().sum(-1, keepdim=True)
    along = ((way - first).double() * line).sum(-1, keepdim=True) / squared.clamp(min=1e-30)
    foot = first + along.clamp(0, 1) * line
    relative = [
        (rms(of)[kept] / apart[kept]).mean(0) if kept.any() else torch.zeros(way.shape[1])
        for of in (way - first, way - last, way - foot)
    ]
    _, gaps = nearest(way.flatten(0, 1), train)
    near = gaps.unflatten(0, way.shape[:2]).mean(0)
    sharp = torch.tensor([sharpness(images, shape) for images in way.unbind(1)])
    return torch.stack([of.double().cpu() for of in (*relative, near, sharp)])


def rms(images: Tensor) -> Tensor:
    """The root mean square of images (…, pixels) over their pixels, (…,)."""
    return images.double().square().mean(-1).sqrt()


def lie_between(images: Tensor, way: Tensor) -> float:
    """The share of images (pairs, pixels), or of one for all, that lie between the ends of a way.

    That is, nearer to both than these are to each other; the ends are those of (pairs, steps,
    pixels).
    """
    first, last = way[:, 0], way[:, -1]
    apart = rms(first - last)
    inside = (rms(images - first) < apart) & (rms(images - last) < apart)
    return inside.double().mean().item()


def scaled(model: Model, deviations: Sequence[float], count: int, seed: int) -> list[Tensor]:
    """The same draws (count, latent) of the prior times each deviation."""
    device = next(model.network.parameters()).device
    generator = torch.Generator(device).manual_seed(seed)
    z = torch.randn((count, model.network.latent), generator=generator, device=device)
    return [deviation * z for deviation in deviations]


@torch.no_grad()
def reconstructions(
    model: Model, images: Batch, settings: Mapping[str, Any]
) -> tuple[Tensor, float]:
    """Estimates (numbers of draws, repeats) of the reconstruction in nats, and that by MANY draws.

    The mean of -log p(x | z) over draws of z and over the images.
    """
    posterior = model.network.posterior(images.noisy)
    generator = torch.Generator(images.noisy.device).manual_seed(settings["seed"])

    def one(draws: int) -> Tensor:
        output = model.network.decode(posterior.draw(draws, generator))
        return -model.likelihood.log_density(images.clean, output).mean()

    rows = [[one(draws) for _ in range(settings["repeats"])] for draws in settings["draws"]]
    exact = torch.stack([one(32) for _ in range(MANY // 32)]).mean().item()
    return torch.tensor(rows), exact
