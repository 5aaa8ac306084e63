"""What the figures of a study of generative models are drawn from."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.models.neighbours import vote
from vaepipe.models.normal import Posterior, kl_estimate, kl_per_latent
from vaepipe.models.saved import Model

DIFFERENCE = 0.05
"""Step of the finite differences, in standard deviations of the posterior."""
EXACT = 5_000
"""Draws of which the gradient that estimates are compared with is an average."""


def analyse(
    study: str,
    models: Sequence[Model],
    train: Batch,
    test: Batch,
    kind: Kind,
    settings: Mapping[str, Any],
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of the trained seeds of a variant, all of the first but the KL per latent.

    kl_per_latent (seeds, latent): nats, means over the test split. Images, uint8 (…, pixels):
    prior_samples; ring: see `ring`, decoded; grid: see `grid`, decoded. codes: the posterior means
    of the test images in a plane, (n, 2), with their labels (n,). confusion (classes, classes): of
    the test images of each class the share that k-NN on the training images' posterior means takes
    for each. kl_estimates, pathwise, score: see `kl_estimates` and `gradients`.
    Raises InputError if there are fewer test images than `images`, or training images than
    `neighbours`, or no test image of a class.
    """
    model = models[0]
    if settings["images"] > len(test) or settings["neighbours"] > len(train):
        raise InputError(
            f"params.yaml: studies.{study}.analysis: `images` must not be more than the "
            f"{len(test)} test images, nor `neighbours` more than the {len(train)} training images."
        )
    codes = model.encode(test.noisy)
    mean_kl = torch.stack([of.network.mean_kl(test.noisy) for of in models])
    order = mean_kl[0].argsort(descending=True)
    if len(order) == 2:
        order = order.sort().values  # both are shown, as in the plane of codes
    anchors = medoids(codes, test.labels, kind)
    estimates, closed = kl_estimates(model, test[: settings["images"]], settings)
    pathwise, score, exact = gradients(model, test[:1], settings)
    plane, explained = project(codes)
    images = {
        "prior_samples": model.sample(settings["prior_samples"], settings["seed"]).flatten(1),
        "ring": model.decode_pixels(ring(codes[anchors], settings["walk_steps"])),
        "grid": model.decode_pixels(grid(codes, order, settings["grid_side"])),
    }
    numbers = {
        "kl_per_latent": mean_kl,
        "codes": plane,
        "labels": test.labels,
        "confusion": confusion(model, train, test, codes, len(kind.classes), settings),
        "kl_estimates": estimates,
        "pathwise": pathwise,
        "score": score,
    }
    facts = {
        "shape": list(kind.shape),
        "classes": list(kind.classes),
        "latents": order[:2].tolist(),
        "explained": explained,
        "draws": settings["draws"],
        "kl": closed,
        "gradient": exact,
        "gradient_draws": EXACT,
    }
    arrays = {name: whole_bytes(values) for name, values in images.items()}
    return {name: values.cpu().numpy() for name, values in numbers.items()} | arrays, facts


def medoids(codes: Tensor, labels: Tensor, kind: Kind) -> Tensor:
    """For each class the row of the code (n, latent) that is nearest to the mean of its codes."""
    found = []
    for index, name in enumerate(kind.classes):
        rows = (labels == index).nonzero()[:, 0]
        if not len(rows):
            raise InputError(
                f"{kind.source}: has no image of the class '{name}', which the walk from class to "
                "class needs. Take it out of `classes` of this source in params.yaml."
            )
        own = codes[rows]
        found.append(rows[(own - own.mean(0)).square().sum(1).argmin()])
    return torch.stack(found)


def ring(anchors: Tensor, steps: int) -> Tensor:
    """Latents (classes, steps, latent) on straight lines from each anchor to the next.

    From the last to the first, too. A line begins at its anchor; its end is the next one's begin.
    """
    parts = torch.arange(steps, device=anchors.device, dtype=anchors.dtype)[:, None] / steps
    following = anchors.roll(-1, 0)
    return anchors[:, None] + parts * (following - anchors)[:, None]


def grid(codes: Tensor, order: Tensor, side: int) -> Tensor:
    """Latents (side, side, latent) at quantiles of the prior in the two latents of most KL.

    The first to the right, the second upwards, the others at the mean of the codes (n, latent).
    Through the inverse of the normal distribution function, as Kingma & Welling 2014, figure 4.
    """
    middles = (torch.arange(side, device=codes.device, dtype=codes.dtype) + 0.5) / side
    values = torch.special.ndtri(middles)
    up, right = torch.meshgrid(values.flip(0), values, indexing="ij")
    z = codes.mean(0).repeat(side, side, 1)
    first, second = order[:2].tolist()
    z[..., first], z[..., second] = right, up
    return z


def project(codes: Tensor) -> tuple[Tensor, float]:
    """Codes (n, latent) in a plane, (n, 2), and the share of their variance that lies in it.

    Two latents stay as they are; of more, their two principal components (Pearson 1901), each with
    the sign that makes its largest weight positive.
    """
    if codes.shape[1] == 2:
        return codes, 1.0
    centred = codes.double() - codes.double().mean(0)
    _, spreads, axes = torch.linalg.svd(centred, full_matrices=False)
    largest = axes.abs().argmax(1, keepdim=True)
    axes = axes * axes.gather(1, largest).sign()
    total = spreads.square().sum().item()
    share = spreads[:2].square().sum().item() / total if total else 1.0
    return (centred @ axes[:2].T).to(codes.dtype), share


def confusion(
    model: Model, train: Batch, test: Batch, codes: Tensor, classes: int, settings: Mapping
) -> Tensor:
    """Of the test images of each class the share that k-NN takes for each: (classes, classes)."""
    named = vote(codes, model.encode(train.noisy), train.labels, settings["neighbours"]).cpu()
    counts = torch.zeros(classes, classes, dtype=torch.double)
    labels = test.labels.cpu()
    counts.index_put_((labels, named), torch.ones(len(labels)).double(), accumulate=True)
    return counts / counts.sum(1, keepdim=True).clamp(min=1)


@torch.no_grad()
def kl_estimates(model: Model, images: Batch, settings: Mapping) -> tuple[Tensor, float]:
    """The KL of the posterior from the prior, estimated by draws, and by its closed form.

    Means over the images, in nats: (numbers of draws, repeats), and a number.
    """
    posterior = model.network.posterior(images.noisy)
    generator = torch.Generator(images.noisy.device).manual_seed(settings["seed"])
    rows = [
        torch.stack(
            [
                kl_estimate(posterior, posterior.draw(draws, generator)).mean()
                for _ in range(settings["repeats"])
            ]
        )
        for draws in settings["draws"]
    ]
    return torch.stack(rows), kl_per_latent(posterior).sum(-1).mean().item()


def gradients(model: Model, image: Batch, settings: Mapping) -> tuple[Tensor, Tensor, float]:
    """The derivative of E log p(x | z) by the mean of one latent's posterior, of one image.

    Of the latent with the most KL for it, in nats per unit of the latent, by two estimators, each
    (numbers of draws, repeats): pathwise, the derivative of log p(x | z(mu, epsilon)), which
    reparameterisation allows; and score, log p(x | z) times the derivative of log q(z | x)
    (Williams 1992), less the mean of log p over the other draws where there are others. And a
    number without either: the finite difference over EXACT draws of epsilon.
    """
    with torch.no_grad():
        posterior = model.network.posterior(image.noisy)
    latent = int(kl_per_latent(posterior)[0].argmax())
    generator = torch.Generator(image.noisy.device).manual_seed(settings["seed"])

    step = DIFFERENCE * torch.exp(0.5 * posterior.log_variance[0, latent]).item()

    def log_likelihood(z: Tensor) -> Tensor:
        output = model.network.decode(z[:, 0])
        return model.likelihood.log_density(image.clean, output)

    def moved(by: float, noise: Tensor) -> Tensor:
        mean = posterior.mean.clone()
        mean[:, latent] += by
        return log_likelihood(Posterior(mean, posterior.log_variance).sample(noise))

    def noise_of(draws: int) -> Tensor:
        size = (draws, *posterior.mean.shape)
        return torch.randn(size, generator=generator, device=image.noisy.device)

    def both(noise: Tensor) -> tuple[Tensor, Tensor]:
        mean = posterior.mean.clone().requires_grad_()
        values = log_likelihood(Posterior(mean, posterior.log_variance).sample(noise))
        (pathwise,) = torch.autograd.grad(values.mean(), mean)
        values = values.detach()
        slopes = noise[:, 0, latent] * torch.exp(-0.5 * posterior.log_variance[0, latent])
        others = (values.sum() - values) / max(1, len(values) - 1)
        return pathwise[0, latent], ((values - others) * slopes).mean()

    found = [
        [both(noise) for noise in map(noise_of, settings["repeats"] * [draws])]
        for draws in settings["draws"]
    ]
    with torch.no_grad():
        differences = [
            ((moved(step, noise) - moved(-step, noise)) / (2 * step)).double()
            for noise in noise_of(EXACT).split(1000)
        ]
    estimates = torch.tensor(found).permute(2, 0, 1)
    return estimates[0], estimates[1], torch.cat(differences).mean().item()


def whole_bytes(images: Tensor) -> np.ndarray:
    """Images in [0, 1] as they are kept."""
    return (255 * images).round().to(torch.uint8).cpu().numpy()
