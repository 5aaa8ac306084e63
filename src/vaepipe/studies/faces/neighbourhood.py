"""What a model decodes around its latents, between them and of draws, and how far from the data.

Nothing in the training of an autoencoder asks that points beside a latent decode to a valid image;
a VAE is trained on draws around each posterior mean (Kingma & Welling 2014, section 2.4). Images
are rows of pixels in [0, 1], distances root mean squares over the pixels.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.generative.analysis import whole_bytes
from vaepipe.measures.samples import sharpness
from vaepipe.models.batch import BLOCK
from vaepipe.models.distances import ROUNDING, nearest

if TYPE_CHECKING:
    from vaepipe.models.saved import Model


class Latents(NamedTuple):
    """What images are encoded to, (n, latent) each: the posterior of a VAE."""

    mean: Tensor
    deviation: Tensor
    """0 of an autoencoder, which has points for posteriors."""


class Law(NamedTuple):
    """The aggregate of the latents of all images (Makhzani et al. 2016), and a normal law like it.

    By the law of total covariance it has the covariance of the means and the mean variance.
    """

    mean: Tensor
    """(latent,)"""
    root: Tensor
    """(latent, latent): root @ root.T is the covariance."""
    deviation: Tensor
    """(latent,)"""
    lowest: Tensor
    """(latent,): that of any image under an autoencoder, whose latents may pass through a ReLU."""


def neighbourhood(
    model: "Model", train: Tensor, test: Tensor, settings: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of one trained autoencoder or VAE.

    Facts: for each set of images what `measured` gives, a list of it for each of the `multiples`
    and `steps`. data, the first `images` test images; mean_image, that of the training images;
    decoded, the images from their latents. aggregate, posterior: from the latents with noise, see
    `around`, whose deviation is a multiple of that of all latents and of that of the image's own
    posterior, which an autoencoder does not have (None); `moved` is how far that is from the image
    without noise. prior, fitted: `samples` draws of N(0, I) and of a normal law with the mean and
    covariance of the latents of the training images, which gives an autoencoder samples (Ghosh et
    al. 2020). between: from the lines between the latents of each two of the images in
    their order; crossfade, mixtures of the images themselves in the same shares, for comparison.

    Arrays, uint8: of each of these the first `pictures` images, (…, pictures, pixels).
    Raises InputError if there are fewer test images than `images`, or fewer than two.
    """
    count, seed, shape = settings["images"], settings["seed"], model.shape
    if not 2 <= count <= len(test):
        raise InputError(
            f"params.yaml: images: {count} must be from 2 to the {len(test)} test images."
        )
    some = test[:count]
    own = encoded(model, some)
    law = law_of(encoded(model, train))
    decoded = model.decode_pixels(own.mean)
    multiples, steps = settings["multiples"], settings["steps"]
    draws = settings["samples"], seed

    def noisy(deviation: Tensor) -> Tensor:
        z = around(own.mean, deviation, multiples, seed)
        return model.decode_pixels(z.maximum(law.lowest.minimum(own.mean)))

    sets = {
        "data": some,
        "mean_image": train.mean(0, keepdim=True),
        "decoded": decoded,
        "aggregate": noisy(law.deviation),
        "posterior": noisy(own.deviation) if own.deviation.any() else None,
        "prior": model.decode_pixels(normal_draws(own.mean, *draws)),
        "fitted": model.decode_pixels(fitted_draws(law, *draws)),
        "between": model.decode_pixels(between(own.mean, steps)),
        "crossfade": between(some, steps),
    }
    reference = measured(some, train, shape)
    facts = {
        name: None if images is None else _of_each(images, train, shape, reference)
        for name, images in sets.items()
    }
    for name in ("aggregate", "posterior"):
        if facts[name] is not None:
            gaps = (sets[name] - decoded).square().mean(-1).sqrt().mean(1)
            for found, moved in zip(facts[name], gaps.tolist(), strict=True):
                found["moved"] = moved
    shown = settings["pictures"]
    arrays = {
        name: whole_bytes(images[..., :shown, :])
        for name, images in sets.items()
        if images is not None
    }
    return arrays, facts


@torch.no_grad()
def encoded(model: "Model", images: Tensor) -> Latents:
    """The latents of images (n, pixels)."""
    if not hasattr(model.network, "posterior"):
        mean = model.encode(images)
        return Latents(mean, torch.zeros_like(mean))
    parts = [model.network.posterior(some) for some in images.split(BLOCK)]
    mean, log_variance = map(torch.cat, zip(*parts, strict=True))
    return Latents(mean, torch.exp(0.5 * log_variance))


def law_of(latents: Latents) -> Law:
    """That of the latents of at least two images, computed in double precision."""
    mean, deviation = (of.double() for of in latents)
    covariance = torch.cov(mean.T).reshape(mean.shape[1], -1)
    covariance = covariance + deviation.square().mean(0).diag()
    values, axes = torch.linalg.eigh(covariance)
    point = not deviation.any()
    lowest = mean.min(0).values if point else torch.full_like(mean[0], -torch.inf)
    root = axes * values.clamp(min=0).sqrt()
    found = mean.mean(0), root, covariance.diag().sqrt(), lowest
    return Law(*(of.to(latents.mean.dtype) for of in found))


def around(z: Tensor, deviation: Tensor, multiples: Sequence[float], seed: int) -> Tensor:
    """Latents z (n, latent) with normal noise of multiples of a deviation: (multiples, n, latent).

    The deviation is (latent,) or (n, latent). Each latent has the same noise in all multiples.
    """
    factors = torch.tensor(multiples, dtype=z.dtype, device=z.device)[:, None, None]
    return z + factors * deviation * normal_draws(z, len(z), seed)


def normal_draws(like: Tensor, count: int, seed: int) -> Tensor:
    """Draws (count, latent) of N(0, I), of as many latents as others (n, latent) have."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(count, like.shape[1], generator=generator).to(like)


def fitted_draws(law: Law, count: int, seed: int) -> Tensor:
    """Draws (count, latent) of the normal law, none below the lowest."""
    drawn = law.mean + normal_draws(law.root, count, seed) @ law.root.T
    return drawn.maximum(law.lowest)


def between(points: Tensor, steps: int) -> Tensor:
    """On straight lines from points 0 to 1, 2 to 3, …: (steps, n // 2, dimensions), with the ends.

    Of points (n, dimensions).
    """
    shares = torch.linspace(0, 1, steps, dtype=points.dtype, device=points.device)[:, None, None]
    first, second = points[: len(points) // 2 * 2].unflatten(0, (-1, 2)).unbind(1)
    return first + shares * (second - first)


def measured(images: Tensor, train: Tensor, shape: Sequence[int]) -> dict[str, float]:
    """Of images (n, pixels), means: distance to the nearest training image, and sharpness.

    The second belongs beside the first, since blurred images lie near to many.
    """
    return {
        "nearest": nearest(images, train)[1].mean().item(),
        "sharpness": sharpness(images.cpu(), shape),
    }


def _of_each(
    images: Tensor, train: Tensor, shape: Sequence[int], reference: Mapping[str, float]
) -> Any:
    """What is measured of images (n, pixels), or a list of it of (sets, n, pixels).

    With `relative`, the distance in units of that of test images, and sharpness in units of theirs.
    """
    if images.ndim > 2:
        return [_of_each(some, train, shape, reference) for some in images]
    found = measured(images, train, shape)
    usual, edges = max(reference["nearest"], ROUNDING**0.5), reference["sharpness"]
    return {
        "nearest": found["nearest"],
        "relative": found["nearest"] / usual,
        "sharpness": found["sharpness"] / edges if edges else 0.0,
    }
