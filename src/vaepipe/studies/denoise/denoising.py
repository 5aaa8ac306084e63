"""The same noisy test images denoised by every method, and how near to the clean ones that comes.

Methods are trivial ones (`noisy`: the images as they are; `mean_image`: the mean training image for
all), filters that nothing trained, models that see the noisy image once, and the search for the
most probable latent under a trained decoder. `clean`, the last, is the ceiling of all measures.
"""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, Kind, read_images
from vaepipe.judges.classifier import Judge, read_judge
from vaepipe.machine.device import prepare
from vaepipe.measures.baselines import median, pca
from vaepipe.measures.images import image_errors
from vaepipe.measures.legibility import legibility
from vaepipe.measures.noise import noisy_at
from vaepipe.measures.seeds import spread
from vaepipe.models.batch import Batch
from vaepipe.models.denoising import Denoised, denoise
from vaepipe.models.saved import Model, load, read_config

log = logging.getLogger(__name__)

OUTPUTS = ("denoising.json", "denoising.safetensors")
STEPS_SHOWN = 100
"""Steps of a search whose objective is kept, at the most, ever farther apart."""
QUANTILES = (0.1, 0.9)
"""Of the objective over images."""

Levels = Mapping[float, Tensor]
"""For each level of noise, images (n, pixels); n is another at the data set's own level."""


@dataclass(frozen=True)
class Method:
    """What a method makes of the noisy images: for each of its seeds, one if it has none."""

    name: str
    way: Literal["trivial", "filter", "reconstruct", "map", "clean"]
    denoised: Sequence[Levels]
    variant: str | None = None
    seeds: Sequence[int] | None = None
    passes: int = 0
    """Through a trained decoder, for each image."""
    search: Mapping[str, Any] | None = None
    """What `describe_search` tells of it at the data set's own level."""


def denoise_all(
    settings: Mapping[str, Any], data: Path, judge: Path, models: Path, *outputs: Path
) -> None:
    """Denoise test images by every method and measure that; outputs are in the order of OUTPUTS.

    The settings are the section `denoising` of the study, with those of the data set as `data`;
    `models` holds a folder a variant. At the level of the data set the first `images` are denoised,
    as they stand in it; at each level of the sweep, that one too, the first `sweep_images`, with
    noise that all methods see alike. Beside the table are two arrays: "pictures", uint8
    (methods, pictures, pixels) of the first seeds, and "squared_errors" (methods, images), per
    pixel, means over the seeds, both at the level of the data set. Raises InputError for settings
    that do not fit the data, and for models that decode nothing.
    """
    device = prepare(settings["device"], settings["threads"])
    splits = [read_images(data / name) for name in FILES]
    kind = splits[1].kind
    train, test = (Batch.of(split, torch.device("cpu")) for split in splits)
    check(settings, train, test, kind)
    seen_by = read_judge(judge, torch.device("cpu"))
    chosen = test[: settings["images"]]
    noisy = corrupt(settings, chosen)
    methods = [
        *simple_methods(settings, train, noisy, kind),
        *model_methods(settings, models, noisy, device),
        Method("clean", "clean", [{level: chosen.clean[: len(of)] for level, of in noisy.items()}]),
    ]
    own = settings["data"]["level"]
    table_file, arrays_file = outputs
    content = {
        "shape": list(kind.shape),
        "classes": list(kind.classes),
        "noise": settings["data"]["noise"],
        "level": own,
        "images": len(chosen),
        "of_classes": chosen.labels.bincount(minlength=len(kind.classes)).tolist(),
        "pictures": [kind.classes[label] for label in chosen.labels[: settings["pictures"]]],
        "levels": settings["levels"],
        "sweep_images": settings["sweep_images"],
        "judge": seen_by.accuracy,
        "methods": [measure(method, chosen, seen_by, kind, settings) for method in methods],
    }
    write_json(table_file, content)
    firsts = [method.denoised[0][own][: settings["pictures"]] for method in methods]
    errors = [
        torch.stack([(of[own] - chosen.clean).double().square().mean(-1) for of in m.denoised])
        for m in methods
    ]
    arrays = {
        "pictures": np.rint(255 * torch.stack(firsts).numpy()).astype(np.uint8),
        "squared_errors": torch.stack([of.mean(0) for of in errors]).float().numpy(),
    }
    write_arrays(arrays_file, arrays)


def check(settings: Mapping[str, Any], train: Batch, test: Batch, kind: Kind) -> None:
    """Raises InputError for settings that do not fit the data."""
    own = settings["data"]["level"]
    where = "params.yaml: studies.denoise.denoising."
    if own not in settings["levels"]:
        raise InputError(f"{where}levels: have no {own}, which is the data set's own level.")
    if settings["decoders"] and settings["data"]["noise"] != "gaussian":
        raise InputError(
            f"{where}decoders: the search takes noise to be gaussian, but that of the data set is "
            f"{settings['data']['noise']}."
        )
    bounds = {
        "images": (len(test), "test images"),
        "sweep_images": (settings["images"], "images"),
        "pictures": (settings["images"], "images"),
        "components": (min(train.clean.shape), f"that {len(train)} training images have"),
    }
    for key, (most, what) in bounds.items():
        if settings[key] > most:
            raise InputError(f"{where}{key}: {settings[key]} are more than the {most} {what}.")
    counts = test.labels[: settings["images"]].bincount(minlength=len(kind.classes))
    if not counts.all():
        name = kind.classes[counts.argmin()]
        raise InputError(
            f"{where}images: the first {settings['images']} test images have none of the class "
            f"'{name}': take more."
        )


def corrupt(settings: Mapping[str, Any], images: Batch) -> Levels:
    """The noisy images of each level: all at the data set's own, the first ones at others.

    Those of the own level are the data set's.
    """
    own, few = settings["data"]["level"], images[: settings["sweep_images"]]
    drawn = noisy_at(few.clean, settings | {"noise_levels": settings["levels"]})
    return drawn | {own: images.noisy}


def simple_methods(
    settings: Mapping[str, Any], train: Batch, noisy: Levels, kind: Kind
) -> Iterator[Method]:
    """Those without a trained network. Of PCA the seconds are those of its fit too."""
    count = sum(map(len, noisy.values()))
    yield Method("noisy", "trivial", [noisy])
    mean = train.clean.mean(0)
    constant = {level: mean.expand_as(images) for level, images in noisy.items()}
    yield Method("mean_image", "trivial", [constant])
    with timed("median", count):
        filtered = {level: median(images, kind.shape) for level, images in noisy.items()}
    yield Method("median", "filter", [filtered])
    together = torch.cat(list(noisy.values()))
    with timed("pca", count):
        test = Batch(together, together, torch.zeros(count))
        found = pca(train, test, settings["components"], samples=1, seed=settings["seed"])
    parts = found.denoised.split([len(images) for images in noisy.values()])
    yield Method("pca", "filter", [dict(zip(noisy, parts, strict=True))])


def model_methods(
    settings: Mapping[str, Any], models: Path, noisy: Levels, device: torch.device
) -> Iterator[Method]:
    """Each of `autoencoders` and `trained` decodes what it encodes; so does each of `decoders`.

    Then comes the search under each of these, called map_<variant>, which has that to improve on.
    """
    count = sum(map(len, noisy.values()))
    for variant in (*settings["autoencoders"], *settings["trained"], *settings["decoders"]):
        seeds, loaded = load_all(models / variant, device)
        with timed(variant, count * len(seeds)):
            found = [reconstruct(model, noisy) for model in loaded]
        yield Method(variant, "reconstruct", found, variant, seeds, passes=1)
    for variant in settings["decoders"]:
        seeds, loaded = load_all(models / variant, device)
        with timed(f"map_{variant}", count * len(seeds)):
            searched = [search(model, noisy, settings) for model in loaded]
        found = [
            {level: of.images.flatten(1).cpu() for level, of in of_seed.items()}
            for of_seed in searched
        ]
        own = [of_seed[settings["data"]["level"]] for of_seed in searched]
        told = describe_search(own, settings["starts"])
        passes = settings["steps"] * settings["starts"]
        yield Method(f"map_{variant}", "map", found, variant, seeds, passes, told)


def load_all(folder: Path, device: torch.device) -> tuple[list[int], list[Model]]:
    """The seeds of a variant, and its trained models on a device."""
    seeds = read_config(folder)["training"]["seeds"]
    return seeds, [load(folder, seed).to(device) for seed in seeds]


def reconstruct(model: Model, noisy: Levels) -> Levels:
    """What a model decodes from the latents of the noisy images."""
    return {level: model.reconstruct(of).flatten(1).cpu() for level, of in noisy.items()}


def search(model: Model, noisy: Levels, settings: Mapping[str, Any]) -> dict[float, Denoised]:
    """The most probable latents of the noisy images; the search is told the level of the noise."""
    own = {key: settings[key] for key in ("steps", "learning_rate", "starts", "seed")}
    return {level: denoise(model, images, level, **own) for level, images in noisy.items()}


def describe_search(found: Sequence[Denoised], starts: int) -> dict[str, Any]:
    """How the objective fell in searches of several seeds, and which start was kept how often.

    The mean and the quantiles of the objective, in squared pixels, are over the images of all
    seeds, before `steps`; `kept` is the share of them whose latents come from each start, the
    first of which is the posterior mean.
    """
    curves = torch.cat([of.curve for of in found], 1).double().cpu().numpy()
    steps = np.unique(np.geomspace(1, len(curves), STEPS_SHOWN).round().astype(int)) - 1
    low, high = np.quantile(curves[steps], QUANTILES, axis=1)
    kept = torch.cat([of.start for of in found]).cpu()
    return {
        "steps": steps.tolist(),
        "mean": curves[steps].mean(1).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
        "kept": (kept.bincount(minlength=starts).double() / len(kept)).tolist(),
    }


def measure(
    method: Method, images: Batch, judge: Judge, kind: Kind, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """What the table says of a method; all that may differ by seed is a spread over the seeds.

    `measures` and `named`, the share of each class that the judge names rightly, are at the data
    set's own level; `sweep` has a list for each measure, in the order of the levels.
    """
    own, few = settings["data"]["level"], images[: settings["sweep_images"]]
    scores = [score(of[own], images, judge, kind) for of in method.denoised]
    swept = [
        [score(of[level][: len(few)], few, judge, kind) for of in method.denoised]
        for level in settings["levels"]
    ]
    named = [judge.name(of[own]) == images.labels for of in method.denoised]
    of_class = [images.labels == label for label in range(len(kind.classes))]
    return {
        "name": method.name,
        "way": method.way,
        "variant": method.variant,
        "seeds": method.seeds,
        "passes": method.passes,
        "measures": spreads(scores),
        "named": [
            spread([right[rows].double().mean().item() for right in named]) for rows in of_class
        ],
        "sweep": [spreads(of_level) for of_level in swept],
        "search": method.search,
    }


def spreads(scores: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    """Mean, standard deviation and values of each measure over the seeds."""
    return {name: spread([of[name] for of in scores]) for name in scores[0]}


def score(denoised: Tensor, images: Batch, judge: Judge, kind: Kind) -> dict[str, float]:
    """mse, psnr, ssim and legibility of denoised images (n, pixels)."""
    errors = image_errors(denoised, images.clean, kind.shape)
    return errors | {"legibility": legibility(judge, denoised, images.labels)}


@contextmanager
def timed(name: str, images: int) -> Iterator[None]:
    """Log how many seconds a method took for each image: a time is no result."""
    began = time.perf_counter()
    yield
    seconds = (time.perf_counter() - began) / images
    log.info(
        "%s: %.4f s per image",
        name,
        seconds,
        extra={"facts": {"method": name, "image_seconds": round(seconds, 6)}},
    )
