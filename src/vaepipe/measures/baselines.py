"""What models are held against: methods that are no VAE, measured on the same images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import median_filter
from scipy.special import entr
from skimage.restoration import denoise_tv_chambolle
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.judges.classifier import Judge, majority, read_judge
from vaepipe.machine.device import prepare
from vaepipe.measures.classes import check_neighbours, knn_accuracy
from vaepipe.measures.images import image_errors
from vaepipe.measures.legibility import legibility
from vaepipe.measures.reference import NEAREST, Reference, draw
from vaepipe.measures.samples import quality
from vaepipe.models.batch import Batch
from vaepipe.models.distances import nearest

OUTPUTS = ("baselines.json",)
STRENGTHS = (0.05, 0.1, 0.15, 0.2, 0.3)
"""Of total variation."""
PENALTIES = (1.0, 10.0, 100.0, 1000.0)
"""Of ridge regression."""
CHOSEN_BY = 500
"""Training images, at the most, by which total variation chooses."""


@dataclass(frozen=True)
class Method:
    """What a method makes of the data; None where it makes no such thing. Rows of pixels."""

    denoised: Tensor | None = None
    """The noisy test images without their noise."""
    codes: tuple[Tensor, Tensor] | None = None
    """The noisy training and test images as k-NN sees them, (n, numbers)."""
    samples: Tensor | None = None
    chosen: float | None = None
    """Its strength, by training images."""


def measure_baselines(
    settings: Mapping[str, Any], data: Path, judge_folder: Path, *outputs: Path
) -> None:
    """Measure all methods on the data set in a folder; the outputs are in the order of OUTPUTS.

    The settings are the sections `evaluation` and `baselines` of a study. Nothing is fitted to, or
    chosen by, the test split. Raises InputError if the data are too few for a setting.
    """
    evaluation, own = settings["evaluation"], settings["baselines"]
    device = prepare("cpu", own["threads"])
    images = [read_images(data / name) for name in FILES]
    train, test = (Batch.of(split, device) for split in images)
    shape, count, seed = images[0].kind.shape, evaluation["samples"], evaluation["seed"]
    check_neighbours(evaluation["neighbours"], len(train))
    judge = read_judge(judge_folder, device)
    reference = Reference.of(judge, test, count, seed)
    methods = {
        "training_images": Method(samples=train.clean[draw(len(train), count, seed, "training")]),
        "noisy": Method(denoised=test.noisy, codes=(train.noisy, test.noisy)),
        "median": Method(denoised=median(test.noisy, shape)),
        "total_variation": total_variation(train, test, shape),
        "ridge": ridge(train, test),
    }
    for components in own["components"]:
        methods[f"pca_{components}"] = pca(train, test, components, count, seed)
    content = {
        "judge": {"accuracy": judge.accuracy, "majority": majority(test.labels)},
        "entropy": entropy(test.clean),
        "samples": count,
        "neighbours": NEAREST,
        "nearest": nearest(test.clean, train.clean)[1].mean().item(),
        "methods": {
            name: {
                "chosen": method.chosen,
                "measures": _measures(method, train, test, shape, judge, reference, evaluation),
            }
            for name, method in methods.items()
        },
    }
    write_json(outputs[0], content)


def _measures(
    method: Method,
    train: Batch,
    test: Batch,
    shape: Sequence[int],
    judge: Judge,
    reference: Reference,
    evaluation: Mapping[str, Any],
) -> dict[str, float]:
    """The measures of the catalogue that can be taken of a method."""
    found = {}
    if method.denoised is not None:
        found |= image_errors(method.denoised, test.clean, shape)
        found["legibility"] = legibility(judge, method.denoised, test.labels)
    if method.samples is not None:
        found |= quality(judge.features(method.samples), reference)
    if method.codes is not None:
        of_train, of_test = method.codes
        found["knn_accuracy"] = knn_accuracy(
            of_train, train.labels, of_test, test.labels, evaluation["neighbours"]
        )
    return found


def median(noisy: Tensor, shape: Sequence[int]) -> Tensor:
    """Each pixel the median of the 3 x 3 around it, in each colour by itself."""
    size = (1, 3, 3, 1)[: 1 + len(shape)]
    filtered = median_filter(noisy.reshape(-1, *shape).numpy(), size, mode="nearest")
    return torch.from_numpy(filtered).flatten(1)


def total_variation(train: Batch, test: Batch, shape: Sequence[int]) -> Method:
    """Chambolle 2004, with the strength that brings training images nearest to the clean ones."""
    some = train[:: max(1, len(train) // CHOSEN_BY)]

    def denoise(noisy: Tensor, strength: float) -> Tensor:
        images = noisy.reshape(-1, *shape).numpy()
        found = [
            denoise_tv_chambolle(image, weight=strength, channel_axis=_channel_axis(shape))
            for image in images
        ]
        return torch.from_numpy(np.stack(found)).float().flatten(1).clip(0, 1)

    chosen = min(STRENGTHS, key=lambda s: _error(denoise(some.noisy, s), some.clean))
    return Method(denoised=denoise(test.noisy, chosen), chosen=chosen)


def ridge(train: Batch, test: Batch) -> Method:
    """Clean pixels by linear regression on all noisy ones (Hoerl & Kennard 1970).

    The penalty is the one by which nine tenths of the training images predict the others best.
    """
    rows = torch.arange(len(train))
    held_out = rows % 10 == 9

    def predict(fitted_to: Batch, noisy: Tensor, penalty: float) -> Tensor:
        model = Ridge(penalty).fit(fitted_to.noisy.numpy(), fitted_to.clean.numpy())
        return torch.from_numpy(model.predict(noisy.numpy())).float().clip(0, 1)

    known, unknown = train[rows[~held_out]], train[rows[held_out]]
    chosen = min(PENALTIES, key=lambda p: _error(predict(known, unknown.noisy, p), unknown.clean))
    return Method(denoised=predict(train, test.noisy, chosen), chosen=chosen)


def pca(train: Batch, test: Batch, components: int, samples: int, seed: int) -> Method:
    """Principal components of the clean training images (Pearson 1901).

    Codes are projections of the noisy images, and these decoded the denoised ones. Samples are
    draws of the normal distribution that the components of the training images have.
    """
    if components > min(train.clean.shape):
        raise InputError(
            f"params.yaml: baselines.components: {components} are more than the "
            f"{min(train.clean.shape)} that {len(train)} training images have."
        )
    model = PCA(components, svd_solver="covariance_eigh").fit(train.clean.double().numpy())

    def decode(codes: np.ndarray) -> Tensor:
        return torch.from_numpy(model.inverse_transform(codes)).float().clip(0, 1)

    codes = [model.transform(batch.noisy.double().numpy()) for batch in (train, test)]
    drawn = np.random.default_rng(seed).standard_normal((samples, components))
    return Method(
        denoised=decode(codes[1]),
        codes=tuple(map(torch.from_numpy, codes)),
        samples=decode(drawn * np.sqrt(model.explained_variance_)),
    )


def entropy(clean: Tensor) -> float:
    """The least cross-entropy that any Bernoulli means have on images (n, pixels), in nats.

    Grey pixels x have -x log x - (1 - x) log(1 - x) even where the mean is x itself.
    """
    pixels = clean.double().numpy()
    return float((entr(pixels) + entr(1 - pixels)).sum(1).mean())


def _error(images: Tensor, clean: Tensor) -> float:
    return ((images - clean).double() ** 2).mean().item()


def _channel_axis(shape: Sequence[int]) -> int | None:
    """The axis of an image's colours: the last of (height, width, channels), none of grey ones."""
    return 2 if len(shape) == 3 else None
