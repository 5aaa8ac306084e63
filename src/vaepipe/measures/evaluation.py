"""The evaluation of a variant: every measure of every seed, on the test split.

Nothing here is fitted to the test split. The noisy image goes in, the clean one is the target.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.judges.classifier import read_judge
from vaepipe.machine.device import check_memory, naming_full_memory, prepare
from vaepipe.measures import bounds, classes, images, latents, legibility, samples
from vaepipe.measures.images import psnr
from vaepipe.measures.importance import memory
from vaepipe.measures.noise import noisy_at, sweep
from vaepipe.measures.reference import Reference
from vaepipe.measures.seeds import headline, summarise
from vaepipe.measures.subject import Subject
from vaepipe.models.batch import Batch
from vaepipe.models.saved import load, read_config

log = logging.getLogger(__name__)

MODULES = (bounds, latents, images, legibility, samples, classes)
"""Where the measures of the catalogue are computed, in its order."""

OUTPUTS = ("metrics.json", "seeds.json", "images.safetensors", "noise_sweep.json")


def evaluate_variant(
    settings: Mapping[str, Any], data: Path, judge_folder: Path, model_folder: Path, *outputs: Path
) -> None:
    """Measure the trained seeds of a variant on the data set in a folder.

    The settings are the section `evaluation` of the study, with those of the data set as `data`.
    The outputs are in the order of OUTPUTS: the headline of the study; all measures; of each test
    image its ELBO in nats, "elbo" (seeds, n); and the PSNR in dB at each level of noise,
    with that of the mean training image.
    """
    device = prepare(settings["device"], settings["threads"])
    splits = [read_images(data / name) for name in FILES]
    trained = read_config(model_folder)
    seeds = trained["training"]["seeds"]
    measures, elbos, swept = [], [], []
    draws = settings["importance_samples"]
    needed = memory(draws, trained["model"]["latent"])
    parameter = f"studies.{trained['study']}.evaluation.importance_samples"
    check_memory(device, needed, f"{draws} importance samples", parameter)
    judge = read_judge(judge_folder, device)
    with naming_full_memory(parameter):
        train, test = (Batch.of(split, device) for split in splits)
        reference = Reference.of(judge, test, settings["samples"], settings["seed"])
        noisy = noisy_at(test.clean, settings)
        for seed in seeds:
            model = load(model_folder, seed).to(device)
            subject = Subject(model, train, test, judge, reference, settings)
            measures.append(measure(subject))
            elbos.append(subject.bounds["elbo"])
            swept.append(sweep(model, noisy, test.clean))
            log.info("seed %d: %s", seed, measures[-1])
    summary = summarise(seeds, measures)
    metrics_file, seeds_file, images_file, sweep_file = outputs
    write_json(metrics_file, headline(summary, settings["headline"]))
    write_json(seeds_file, summary)
    write_arrays(images_file, {"elbo": torch.stack(elbos).float().numpy()})
    found = {
        "levels": settings["noise_levels"],
        "noisy": [psnr(of_level, test.clean) for of_level in noisy.values()],
        "mean_image": psnr(train.clean.mean(0).expand_as(test.clean), test.clean),
        "decoded": swept,
    }
    write_json(sweep_file, found)


def measure(subject: Subject) -> dict[str, float]:
    """All measures of one model, averaged over the test images."""
    return {name: value for module in MODULES for name, value in module.measure(subject).items()}
