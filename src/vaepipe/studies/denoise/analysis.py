"""What the figures of the study `denoise` are drawn from, all of it of clean images."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.generative.analysis import project, whole_bytes
from vaepipe.models.batch import Batch
from vaepipe.models.distances import psnr
from vaepipe.models.saved import Model

ENDS = (0.01, 0.99)
"""Quantiles of the codes between which a grid is drawn."""
STEEP = 0.95
"""Quantile of the pairs that `stretch` is."""
ITERATIONS = 5_000
"""Of logistic regression, at the most."""

Found = tuple[dict[str, np.ndarray], dict[str, Any]]


def analyse(
    models: Sequence[Model], train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> Found:
    """Arrays and facts of the trained seeds of a variant: see `of_decoder` and `of_classifier`.

    Which of the two, the network decides; labels (n,) of the test images, `shape` and `classes`
    are there for both. Raises InputError if there are fewer images than a setting asks for, or no
    test image of a class, or fewer than two classes.
    """
    _check(train, test, kind, settings)
    if hasattr(models[0].network, "classify"):
        arrays, facts = of_classifier(models, test, kind, settings)
    else:
        arrays, facts = of_decoder(models, train, test, settings)
    shared = {"shape": list(kind.shape), "classes": list(kind.classes)}
    return arrays | {"labels": test.labels.cpu().numpy()}, shared | facts


def _check(train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]) -> None:
    shown = max(settings["pictures"], settings["mistakes"])
    if shown > len(test) or settings["neighbours"] > len(train):
        raise InputError(
            "params.yaml: studies.denoise.analysis: `pictures` and `mistakes` must not be more "
            f"than the {len(test)} test images, nor `neighbours` more than the {len(train)} "
            "training images."
        )
    found = set(test.labels.tolist())
    for index, name in enumerate(kind.classes):
        if index not in found:
            raise InputError(
                f"{kind.source}: has no test image of the class '{name}', whose accuracy is asked "
                "for. Take it out of `classes` of this source in params.yaml."
            )
    if len(set(train.labels.tolist())) < 2:
        raise InputError(
            f"{kind.source}: its training images are all of one class, but classes are to be told "
            "apart. Name more in `classes` of this source in params.yaml."
        )


def of_decoder(
    models: Sequence[Model], train: Batch, test: Batch, settings: Mapping[str, Any]
) -> Found:
    """Of autoencoders and VAEs, pictures and codes being those of the first seed.

    Images, uint8 (…, pixels): originals, the first test images; decoded, the reconstructions of
    all; and of two latents a grid of each seed, (seeds, side, side, pixels), see `grid`. codes
    (n, latent), and their plane (n, 2), see `generative.analysis.project`, which has the share
    `explained` of their variance. linear, knn (seeds, classes): of the test images of each class
    the share that logistic regression on standardised codes, and k-NN on the codes, name rightly;
    both are fitted to the codes of the training images. confusion (classes, classes): of each class
    the share that k-NN takes for each.

    Facts of each seed: on_axes, the share of codes with a latent that is exactly 0; alive, how many
    latents are not the same for all images; neighbour_distance, its control for the images
    themselves, and stretch, see `neighbourhood`. `extent`: the lowest and highest value in the
    first seed's grid, of each of two latents; None of more. `principal`: what as many principal
    components of the clean training images have for codes, see `of_components`.
    """
    seed = settings["seed"]
    codes = [model.encode(test.clean) for model in models]
    decoded = [model.decode_pixels(of) for model, of in zip(models, codes, strict=True)]
    plane, explained = project(codes[0])
    tables = [
        tables_of(model.encode(train.clean), train.labels, of, test.labels, settings["neighbours"])
        for model, of in zip(models, codes, strict=True)
    ]
    apart = [
        neighbourhood(of, images, test.clean, seed)
        for of, images in zip(codes, decoded, strict=True)
    ]
    images = {
        "originals": test.clean[: settings["pictures"]],
        "decoded": decoded[0],
    }
    two = codes[0].shape[1] == 2
    if two:
        images["grid"] = torch.stack(
            [
                model.decode_pixels(grid(extent(of), settings["grid_side"]))
                for model, of in zip(models, codes, strict=True)
            ]
        )
    arrays = {name: whole_bytes(values) for name, values in images.items()} | {
        "codes": codes[0].cpu().numpy(),
        "plane": plane.cpu().numpy(),
        "linear": np.stack([linear.diagonal() for linear, _ in tables]),
        "knn": np.stack([knn.diagonal() for _, knn in tables]),
        "confusion": tables[0][1],
    }
    facts = {
        "latent": codes[0].shape[1],
        "explained": explained,
        "on_axes": [(of == 0).any(1).double().mean().item() for of in codes],
        "alive": [int((of != of[:1]).any(0).sum()) for of in codes],
        "extent": extent(codes[0]).tolist() if two else None,
        "neighbour_distance": [distance for distance, *_ in apart],
        "neighbour_control": [control for _, control, _ in apart],
        "stretch": [stretch for *_, stretch in apart],
        "principal": of_components(codes[0].shape[1], train, test, settings["neighbours"]),
    }
    return arrays, facts


def of_components(
    count: int, train: Batch, test: Batch, neighbours: int
) -> dict[str, list[float] | float]:
    """So many principal components of the clean training images as latents (Pearson 1901).

    linear, knn: the accuracy of each class, as of latents; psnr in dB of what is decoded.
    """
    seen, clean = (of.clean.cpu().double().numpy() for of in (train, test))
    model = PCA(count, svd_solver="covariance_eigh").fit(seen)
    codes = torch.from_numpy(model.transform(clean))
    tables = tables_of(
        torch.from_numpy(model.transform(seen)), train.labels, codes, test.labels, neighbours
    )
    decoded = torch.from_numpy(model.inverse_transform(codes.numpy()).clip(0, 1))
    linear, knn = (table.diagonal().tolist() for table in tables)
    return {
        "linear": linear,
        "knn": knn,
        "psnr": psnr(decoded, test.clean.cpu()),
    }


def extent(codes: Tensor) -> Tensor:
    """The ENDS of each latent's values in codes (n, latent): (latent, 2)."""
    return codes.quantile(torch.tensor(ENDS, device=codes.device, dtype=codes.dtype), 0).T


def grid(ends: Tensor, side: int) -> Tensor:
    """Latents (side, side, 2) at equally spaced values between ends (2, 2).

    The first latent to the right, the second upwards. No prior is asked for: so an autoencoder,
    which has none, and a VAE are drawn by one rule.
    """
    parts = torch.linspace(0, 1, side, device=ends.device, dtype=ends.dtype)
    right, up = (low + parts * (high - low) for low, high in ends)
    rows, columns = torch.meshgrid(up.flip(0), right, indexing="ij")
    return torch.stack([columns, rows], -1)


def tables_of(
    train: Tensor, train_labels: Tensor, test: Tensor, test_labels: Tensor, neighbours: int
) -> tuple[np.ndarray, np.ndarray]:
    """Confusion (classes, classes) of test codes by logistic regression, and by k-NN.

    Of codes (n, latent) of each class the share that is taken for each.
    """
    methods = (
        make_pipeline(StandardScaler(), LogisticRegression(max_iter=ITERATIONS)),
        KNeighborsClassifier(neighbours),
    )
    seen, known, codes = (of.cpu().numpy() for of in (train, train_labels, test))
    linear, knn = (
        confusion(test_labels.cpu().numpy(), method.fit(seen, known).predict(codes))
        for method in methods
    )
    return linear, knn


def confusion(labels: np.ndarray, named: np.ndarray) -> np.ndarray:
    """Of each class in labels (n,) the share that is named each: (classes, classes)."""
    classes = range(labels.max() + 1)
    return confusion_matrix(labels, named, labels=classes, normalize="true")


def neighbourhood(
    codes: Tensor, decoded: Tensor, clean: Tensor, seed: int
) -> tuple[float, float, float]:
    """How alike neighbours in latent space decode: neighbour_distance, its control, and stretch.

    Each of the codes (n, latent) makes a pair with its nearest other one, and each a pair with one
    drawn at random. A pair's codes are l apart, its images (n, pixels) p, a root mean square over
    pixels; L and P are the medians of these over random pairs. Then the neighbour_distance is the
    median of p / P over nearest pairs: 0 if neighbours decode alike, 1 if they are no more alike
    than any two images. Its control is the same of the clean images (n, pixels) of these pairs. The
    stretch is the 95 % quantile of (p / P) / (l / L) over them: how much
    faster than usual images change along the codes where they change fastest, whatever the scale of
    the latents. Pairs of equal codes are left out of it, since they have equal images. All are 1
    where L or P is 0, as in a model that decodes all images alike, and the stretch also if all
    nearest pairs have equal codes.
    """
    codes, decoded, clean = (of.double().cpu() for of in (codes, decoded, clean))
    rows = np.arange(len(codes))
    nearest = NearestNeighbors(n_neighbors=1).fit(codes.numpy())
    partners = nearest.kneighbors(return_distance=False)[:, 0]
    order = np.random.default_rng(seed).permutation(rows)
    others = np.roll(order, 1)
    latents, pixels = _apart(codes, rows, partners), _rms(decoded, rows, partners)
    usual_latents = np.median(_apart(codes, order, others))
    usual_pixels = np.median(_rms(decoded, order, others))
    if usual_latents == 0 or usual_pixels == 0:
        return 1.0, 1.0, 1.0
    latents, pixels = latents / usual_latents, pixels / usual_pixels
    control = np.median(_rms(clean, rows, partners)) / np.median(_rms(clean, order, others))
    other = latents > 0
    stretch = np.quantile(pixels[other] / latents[other], STEEP) if other.any() else 1.0
    return float(np.median(pixels)), float(control), float(stretch)


def _apart(values: Tensor, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How far rows and others (n,) of values (n, dimensions) are apart, (n,)."""
    return (values[rows] - values[others]).square().sum(1).sqrt().numpy()


def _rms(images: Tensor, rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The same of images (n, pixels) as a root mean square over the pixels, (n,)."""
    return _apart(images, rows, others) / images.shape[1] ** 0.5


def of_classifier(
    models: Sequence[Model], test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> Found:
    """Of classifiers, pictures being those of the first seed.

    probabilities (seeds, n, classes) of the test images. mistakes, uint8 (mistakes, pixels): see
    `most_confident`; the facts have for each its class as `label`, the class that is `named`, and
    with what `confidence`. confusion (classes, classes): of the test images of each class the share
    that is named each.
    """
    labels = test.labels.cpu().numpy()
    probabilities = np.stack([model.classify(test.clean).cpu().numpy() for model in models])
    rows = most_confident(probabilities[0], labels, settings["mistakes"])
    named = probabilities[0].argmax(1)
    arrays = {
        "probabilities": probabilities,
        "mistakes": whole_bytes(test.clean[torch.from_numpy(rows).to(test.clean.device)]),
        "confusion": confusion(labels, named),
    }
    mistakes = [
        {
            "label": kind.classes[labels[row]],
            "named": kind.classes[named[row]],
            "confidence": float(probabilities[0, row].max()),
        }
        for row in rows
    ]
    return arrays, {"mistakes": mistakes}


def most_confident(probabilities: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """The rows of so many images (n, classes) that are named wrongly, the most confident first.

    If there are fewer, those follow that are named rightly, the least confident first.
    """
    confidence = probabilities.max(1)
    wrong = probabilities.argmax(1) != labels
    return np.lexsort((np.where(wrong, -confidence, confidence), ~wrong))[:count]
