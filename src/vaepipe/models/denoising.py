"""Denoising by the most probable latent of an image under a trained decoder."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from vaepipe.core.errors import InputError
from vaepipe.models.optimiser import Adam
from vaepipe.models.saved import Images, Model

DECODED = 400_000
"""Pixels that are decoded at a time, but for one image's starts, which are never parted."""


@dataclass(frozen=True)
class Denoised:
    """What was found for n noisy images, on the model's device."""

    images: Tensor
    """D(z) of the latents, (n, *shape) in [0, 1]."""
    latents: Tensor
    """(n, latent)"""
    curve: Tensor
    """The objective in squared pixels before each step and after the last, (steps + 1, n)."""
    start: Tensor
    """The start whose latents are kept, (n,): 0 is the posterior mean."""


def objective(model: Model, z: Tensor, pixels: Tensor, level: float) -> Tensor:
    """||x - D(z)||^2 + level^2 ||z||^2 in squared pixels, (…, n).

    Of latents (…, n, latent) and rows of pixels x (n, pixels); D(z) is the image that is decoded.
    """
    decoded = model.likelihood.mean(model.network.decode(z))
    return (pixels - decoded).square().sum(-1) + level**2 * z.square().sum(-1)


@torch.enable_grad()
def denoise(
    model: Model,
    images: Images,
    level: float,
    steps: int,
    learning_rate: float,
    starts: int,
    seed: int,
) -> Denoised:
    """The images decoded from the maximum a posteriori latents of noisy images, (n, *shape).

    With x ~ N(D(z), level^2 I) and z ~ N(0, I), -2 level^2 log p(z | x) is the objective
    ||x - D(z)||^2 + level^2 ||z||^2 and a constant. Adam (Kingma & Ba 2015) lowers it over z alone,
    from the posterior mean and from `starts - 1` draws of the prior for each image. The start
    whose objective ends lowest is kept, with its last latents, though earlier ones may have been
    lower; starts that end in one basin differ by rounding alone, and so does the result by how
    many images share a chunk. The same seed gives the same bytes, on a GPU where torch is told to
    be deterministic (machine.device). The network computes as in evaluation and is left as it was.

    Raises InputError for what cannot be meant, if the model has no posterior (it is no VAE), and if
    an objective is not finite.
    """
    _check(level, steps, learning_rate, starts)
    model._check_able("posterior")
    pixels = model._pixels(images)
    if not len(pixels):
        raise InputError("images must be at least one to be denoised, but there are none.")
    generator = torch.Generator().manual_seed(seed)
    size = (len(pixels), starts - 1, model.network.latent)
    drawn = torch.randn(size, generator=generator).to(pixels.device)
    chunk = max(1, DECODED // (starts * pixels.shape[1]))
    parts = []
    with _evaluating(model.network):
        for rows, prior in zip(pixels.split(chunk), drawn.split(chunk), strict=True):
            first = torch.cat([model.encode(rows)[None], prior.transpose(0, 1)])
            latents, curves = _minimise(model, first, rows, level, steps, learning_rate)
            start = curves[-1].argmin(0)
            image = torch.arange(len(rows), device=rows.device)
            kept = latents[start, image]
            parts.append((model.decode(kept), kept, curves[:, start, image].T, start))
    found, latents, curves, start = map(torch.cat, zip(*parts, strict=True))
    return Denoised(found, latents, curves.T, start)


def _minimise(
    model: Model, first: Tensor, pixels: Tensor, level: float, steps: int, learning_rate: float
) -> tuple[Tensor, Tensor]:
    """The latents after the last step from the first ones, and their objectives at each step.

    (starts, n, latent) and (steps + 1, starts, n). Raises InputError if one is not finite.
    """
    z = first.clone().requires_grad_()
    optimiser = Adam([z])
    optimiser.set_rate(learning_rate)
    curves = torch.empty(steps + 1, *z.shape[:-1], device=z.device)
    for step in range(steps):
        values = objective(model, z, pixels, level)
        curves[step] = values.detach()
        (z.grad,) = torch.autograd.grad(values.sum(), z)
        optimiser.move()
    latents = z.detach()
    with torch.no_grad():
        curves[steps] = objective(model, latents, pixels, level)
    if not curves.isfinite().all():
        raise InputError(
            "the objective of denoising is no longer finite: lower the learning rate, which is "
            f"{learning_rate}."
        )
    return latents, curves


@contextmanager
def _evaluating(network: nn.Module) -> Iterator[None]:
    """The network in evaluation mode, each of its modules in its own mode again afterwards."""
    modes = {module: module.training for module in network.modules()}
    network.eval()
    try:
        yield
    finally:
        for module, training in modes.items():
            module.training = training


def _check(level: float, steps: int, learning_rate: float, starts: int) -> None:
    """Raises InputError for settings that cannot be meant."""
    for name, value in (("level", level), ("learning_rate", learning_rate)):
        if not 0 < value < math.inf:
            raise InputError(f"{name} must be a number above 0, but this is {value}.")
    for name, value in (("steps", steps), ("starts", starts)):
        if value < 1:
            raise InputError(f"{name} must be at least 1, but this is {value}.")
