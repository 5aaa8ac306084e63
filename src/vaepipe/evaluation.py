"""Measures of a trained model on the test split, and the arrays that figures are drawn from.

Nothing here is fitted to the test split. The noisy image goes in, the clean one is the target.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from skimage.metrics import structural_similarity
from sklearn.neighbors import KNeighborsClassifier
from torch import Tensor

from vaepipe.errors import InputError
from vaepipe.objectives import kl_per_latent, prior_log_density
from vaepipe.vae import VAE

BATCH = 100
ROUNDING = 1 / (12 * 255**2)
"""The mean squared error of rounding to multiples of 1 / 255."""


@dataclass(frozen=True)
class Labelled:
    """Noisy and clean images (n, pixels) in [0, 1] with labels (n,)."""

    noisy: Tensor
    clean: Tensor
    labels: np.ndarray


def measure(
    model: VAE,
    train: Labelled,
    test: Labelled,
    shape: tuple[int, int],
    settings: Mapping,
) -> dict[str, float]:
    """All measures of one model, averaged over the test images.

    elbo, iw_bound, reconstruction, kl: nats per image; mse: squared intensity per pixel; psnr:
    dB; ssim, knn_accuracy: 0 to 1; active_units, informative_latents: counts. ELBO =
    -reconstruction - kl. Raises InputError if there are fewer training images than neighbours
    asked for.
    """
    if settings["neighbours"] > len(train.labels):
        raise InputError(
            f"params.yaml: evaluation.neighbours: {settings['neighbours']} are more than the "
            f"{len(train.labels)} training images."
        )
    codes = model.encode(test.noisy)
    bounds = _bounds(model, test, settings["importance_samples"], settings["seed"])
    return {
        **bounds,
        "active_units": active_units(codes, settings["active_threshold"]),
        "informative_latents": informative_latents(
            mean_kl_per_latent(model, test.noisy), settings["informative_kl"]
        ),
        **image_errors(model.decode(codes).cpu(), test.clean.cpu(), shape),
        "knn_accuracy": knn_accuracy(
            model.encode(train.noisy),
            train.labels,
            codes,
            test.labels,
            settings["neighbours"],
        ),
    }


@torch.no_grad()
def _bounds(model: VAE, test: Labelled, samples: int, seed: int) -> dict[str, float]:
    generator = torch.Generator(test.noisy.device).manual_seed(seed)
    sums = torch.zeros(3, dtype=torch.float64)
    for noisy, clean in zip(test.noisy.split(BATCH), test.clean.split(BATCH), strict=True):
        log_likelihood, log_weights = importance_weights(model, noisy, clean, samples, generator)
        kl = kl_per_latent(model.posterior(noisy)).sum(-1)
        parts = (-log_likelihood.mean(0), kl, importance_weighted_bound(log_weights))
        sums += torch.stack([part.double().sum() for part in parts]).cpu()
    reconstruction, kl, bound = (sums / len(test.noisy)).tolist()
    return {
        "elbo": -reconstruction - kl,
        "iw_bound": bound,
        "reconstruction": reconstruction,
        "kl": kl,
    }


def importance_weights(
    model: VAE, noisy: Tensor, clean: Tensor, samples: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """log p(clean | z) and log w = log p(clean | z) + log p(z) - log q(z | noisy).

    Both (samples, n) in nats, at draws of z from the proposal q(z | noisy).
    """
    posterior = model.posterior(noisy)
    size = (samples, *posterior.mean.shape)
    z = posterior.sample(torch.randn(size, generator=generator, device=noisy.device))
    log_likelihood = model.likelihood.log_density(clean, model.decoder(z))
    return log_likelihood, log_likelihood + prior_log_density(z) - posterior.log_density(z)


def importance_weighted_bound(log_weights: Tensor) -> Tensor:
    """log 1/K sum_k w_k, (n,) from (K, n): Burda, Grosse & Salakhutdinov 2016, equation 8."""
    return torch.logsumexp(log_weights, 0) - math.log(len(log_weights))


def active_units(codes: Tensor, threshold: float) -> int:
    """Latents whose posterior mean varies over the data by more than the threshold.

    `codes` are posterior means (n, latent): Burda, Grosse & Salakhutdinov 2016, section 5.2.
    """
    return int((codes.var(0) > threshold).sum())


def informative_latents(mean_kl: Tensor, threshold: float) -> int:
    """Latents whose KL, averaged over the data (latent,), exceeds the threshold in nats.

    It asks more than `active_units`: a mean that varies by 0.01 is a KL of 0.005 nats.
    """
    return int((mean_kl > threshold).sum())


def image_errors(images: Tensor, clean: Tensor, shape: tuple[int, int]) -> dict[str, float]:
    """Mean squared error per pixel, PSNR (dB) and SSIM of images (n, pixels), means over images.

    SSIM with the Gaussian window of Wang et al. 2004 (11 x 11, sigma 1.5). In the PSNR an error
    below that of rounding to 8 bits counts as that, so that equal images have a finite one.
    """
    squared = ((images - clean).double() ** 2).mean(-1)
    pairs = zip(
        images.double().reshape(-1, *shape).numpy(),
        clean.double().reshape(-1, *shape).numpy(),
        strict=True,
    )
    similarities = [
        structural_similarity(
            image,
            target,
            data_range=1.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for image, target in pairs
    ]
    return {
        "mse": squared.mean().item(),
        "psnr": (-10 * torch.log10(squared.clip(min=ROUNDING))).mean().item(),
        "ssim": float(np.mean(similarities)),
    }


def knn_accuracy(
    train: Tensor,
    train_labels: np.ndarray,
    test: Tensor,
    test_labels: np.ndarray,
    neighbours: int,
) -> float:
    """Share of test codes (n, latent) whose nearest training codes vote for their own label."""
    classifier = KNeighborsClassifier(neighbours)
    classifier.fit(train.cpu().numpy(), train_labels)
    return float(classifier.score(test.cpu().numpy(), test_labels))


@torch.no_grad()
def mean_kl_per_latent(model: VAE, noisy: Tensor) -> Tensor:
    """KL of each latent in nats, averaged over images (n, pixels): (latent,)."""
    return torch.cat([kl_per_latent(model.posterior(x)) for x in noisy.split(BATCH)]).mean(0)


def pictures(
    model: VAE, test: Labelled, classes: tuple[str, ...], settings: Mapping
) -> dict[str, np.ndarray]:
    """Images for the figures, uint8 (…, pixels).

    characters_clean, _noisy, _reconstructed: the first test image of each chosen character.
    sheet_noisy, sheet_reconstructed: the first sheet_side squared test images.
    prior_samples: decoded from z ~ N(0, I). traversal: see `traversal`.
    Raises InputError if the test split is too small for the sheet or lacks a character.
    """
    side = settings["sheet_side"]
    if side**2 > len(test.labels):
        raise InputError(
            f"params.yaml: studies.letters.evaluation.sheet_side: {side} x {side} images are "
            f"more than the {len(test.labels)} of the test split."
        )
    chosen = [_first(test.labels, classes, name) for name in settings["characters"]]
    order = mean_kl_per_latent(model, test.noisy).argsort(descending=True)
    start = model.encode(test.noisy[chosen[:1]])[0]
    path = torch.linspace(
        -settings["traversal_span"],
        settings["traversal_span"],
        settings["traversal_steps"],
    )
    images = {
        "characters_clean": test.clean[chosen],
        "characters_noisy": test.noisy[chosen],
        "characters_reconstructed": model.reconstruct(test.noisy[chosen]),
        "sheet_noisy": test.noisy[: side**2],
        "sheet_reconstructed": model.reconstruct(test.noisy[: side**2]),
        "prior_samples": model.sample(settings["prior_samples"], settings["seed"]),
        "traversal": model.decode(traversal(start, order, path.to(start.device))),
    }
    return {name: _bytes(values) for name, values in images.items()}


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


def _first(labels: np.ndarray, classes: tuple[str, ...], name: str) -> int:
    return int(np.flatnonzero(labels == classes.index(name))[0])


def _bytes(images: Tensor) -> np.ndarray:
    return (255 * images).round().to(torch.uint8).cpu().numpy()
