"""How anomalous images are: scores by trained models and trivial ones; images of less resolution.

Images are rows of pixels in [0, 1]. Scores are (n,), in double precision, and higher for what is
less like the training images; `roc` tells how well they do.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vaepipe.core.errors import InputError
from vaepipe.measures.importance import bounds
from vaepipe.models.batch import Batch
from vaepipe.models.distances import squared

if TYPE_CHECKING:
    from vaepipe.models.saved import Model


def reconstruction_error(model: "Model", images: Tensor) -> np.ndarray:
    """The mean squared error per pixel of what an autoencoder or a VAE decodes of images.

    Of a VAE from the posterior means. As an anomaly score: Sakurada & Yairi 2014.
    """
    return squared(model.decode_pixels(model.encode(images)), images).cpu().numpy()


def negative_elbo(model: "Model", images: Tensor, settings: Mapping[str, Any]) -> np.ndarray:
    """The negative evidence lower bound of a VAE in nats (Kingma & Welling 2014, equation 3).

    A mean over `importance_samples` draws, drawn by `seed`: of the section `evaluation`.
    """
    labels = torch.zeros(len(images), dtype=torch.long, device=images.device)
    return -bounds(model, Batch(images, images, labels), settings)["elbo"].numpy()


def mean_image_error(train: Tensor, images: Tensor) -> np.ndarray:
    """The squared distance to the mean training image, per pixel."""
    return squared(images, train.double().mean(0)).cpu().numpy()


def pca_residual(train: Tensor, images: Tensor, components: int) -> np.ndarray:
    """The squared distance, per pixel, to the principal subspace of the training images.

    As Jackson & Mudholkar 1979 control a process. The axes come from the eigenvectors of the
    products of images (Turk & Pentland 1991), since images have more pixels than there are images.
    Raises InputError if there are not so many components.
    """
    seen, unseen = (of.double().cpu().numpy() for of in (train, images))
    mean = seen.mean(0)
    seen, unseen = seen - mean, unseen - mean
    values, vectors = np.linalg.eigh(seen @ seen.T)
    rank = int((values > values[-1] * len(values) * np.finfo(float).eps).sum())
    if not 1 <= components <= rank:
        raise InputError(
            f"params.yaml: components: {components} must be from 1 to the {rank} that "
            f"{len(train)} training images have."
        )
    largest = slice(-components, None)
    codes = unseen @ seen.T @ vectors[:, largest] / np.sqrt(values[largest])
    residual = (unseen**2).sum(1) - (codes**2).sum(1)
    return residual.clip(min=0) / unseen.shape[1]


def resized(images: Tensor, shape: Sequence[int], size: Sequence[int]) -> Tensor:
    """Images (n, pixels) of a shape (height, width, …) at another size (height, width).

    Bilinear, between the middles of pixels; rounded to multiples of 1 / 255, as all images are.
    """
    return _rows(functional.interpolate(_planes(images, shape), tuple(size), mode="bilinear"))


def coarsened(images: Tensor, shape: Sequence[int], size: Sequence[int]) -> Tensor:
    """Images (n, pixels) with the resolution of smaller ones that were `resized` to their shape.

    Reduced to the size (height, width) by means over areas, and enlarged again: so images of less
    resolution can be held against normal ones that have no more.
    """
    small = _rows(functional.interpolate(_planes(images, shape), tuple(size), mode="area"))
    return resized(small, (*size, *shape[2:]), shape[:2])


def _planes(images: Tensor, shape: Sequence[int]) -> Tensor:
    """Images (n, channels, height, width)."""
    return images.reshape(len(images), *shape[:2], -1).permute(0, 3, 1, 2)


def _rows(planes: Tensor) -> Tensor:
    return (255 * planes.permute(0, 2, 3, 1)).round().flatten(1) / 255
