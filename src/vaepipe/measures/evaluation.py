"""The evaluation of a variant: every measure of every seed, on the test split.

Nothing here is fitted to the test split. The noisy image goes in, the clean one is the target; what
was trained without noise is measured without.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import torch
from torch import Tensor

from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.judges.classifier import read_judge
from vaepipe.machine.device import check_memory, naming_full_memory, prepare
from vaepipe.measures import bounds, classes, classification, images, latents, legibility, samples
from vaepipe.measures.importance import memory
from vaepipe.measures.noise import noisy_at, sweep
from vaepipe.measures.reference import Reference
from vaepipe.measures.seeds import headline, summarise
from vaepipe.measures.subject import Subject
from vaepipe.models.batch import Batch
from vaepipe.models.distances import psnr
from vaepipe.models.saved import load, read_config

log = logging.getLogger(__name__)


class Measured(NamedTuple):
    """What a kind of model is measured by."""

    modules: tuple[ModuleType, ...]
    """Where its measures are computed, in the catalogue's order."""
    kept: str
    """What is kept of each test image."""
    of_each: Callable[[Subject], Tensor]
    """How that is found, (n,)."""


KINDS = {
    "vae": Measured(
        (bounds, latents, images, legibility, samples, classes),
        "elbo",
        lambda subject: subject.bounds["elbo"],
    ),
    "autoencoder": Measured((images, legibility, classes), "mse", images.of_each),
    "classifier": Measured((classification,), "cross_entropy", classification.of_each),
}

OUTPUTS = ("metrics.json", "seeds.json", "images.safetensors", "noise_sweep.json")


def evaluate_variant(
    settings: Mapping[str, Any], data: Path, judge_folder: Path, model_folder: Path, *outputs: Path
) -> None:
    """Measure the trained seeds of a variant on the data set in a folder.

    The settings are the section `evaluation` of the study, with those of the data set as `data`.
    The outputs are in the order of OUTPUTS: what the model has of the study's headline; all its
    measures; what is kept of each test image, (seeds, n); and the PSNR in dB at each level of
    noise, with that of the mean training image, of what decodes.
    """
    device = prepare(settings["device"], settings["threads"])
    splits = [read_images(data / name) for name in FILES]
    trained = read_config(model_folder)
    seeds, kind = trained["training"]["seeds"], KINDS[trained["kind"]]
    measures, kept, swept = [], [], []
    parameter = None
    if bounds in kind.modules:
        parameter = f"studies.{trained['study']}.evaluation.importance_samples"
        draws = settings["importance_samples"]
        needed = memory(draws, trained["model"]["latent"])
        check_memory(device, needed, f"{draws} importance samples", parameter)
    judge = read_judge(judge_folder, device)
    with naming_full_memory(parameter):
        train, test = (Batch.of(split, device) for split in splits)
        if trained["training"].get("noise") == "none":
            train, test = train.without_noise(), test.without_noise()
        reference = None
        if samples in kind.modules:
            reference = Reference.of(judge, test, settings["samples"], settings["seed"])
        noisy = noisy_at(test.clean, settings)
        for seed in seeds:
            model = load(model_folder, seed).to(device)
            subject = Subject(model, train, test, judge, reference, settings)
            measures.append(measure(subject, kind.modules))
            kept.append(kind.of_each(subject))
            if images in kind.modules:
                swept.append(sweep(model, noisy, test.clean))
            log.info("seed %d: %s", seed, measures[-1])
    summary = summarise(seeds, measures)
    metrics_file, seeds_file, images_file, sweep_file = outputs
    write_json(metrics_file, headline(summary, settings["headline"]))
    write_json(seeds_file, summary)
    write_arrays(images_file, {kind.kept: torch.stack(kept).float().cpu().numpy()})
    found = {
        "levels": settings["noise_levels"],
        "noisy": [psnr(of_level, test.clean) for of_level in noisy.values()],
        "mean_image": psnr(train.clean.mean(0).expand_as(test.clean), test.clean),
        "decoded": swept,
    }
    write_json(sweep_file, found)


def measure(subject: Subject, modules: Iterable[ModuleType]) -> dict[str, float]:
    """All measures of one model that modules compute, averaged over the test images."""
    found = [module.measure(subject) for module in modules]
    return {name: value for of_module in found for name, value in of_module.items()}
