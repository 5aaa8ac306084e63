"""Measure every seed of a trained variant on the test split; draw nothing."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import numpy as np
import torch
from safetensors.numpy import save

from vaepipe.command import log, run
from vaepipe.config import block, confirm, dump, load_params
from vaepipe.device import naming_full_memory, prepare
from vaepipe.evaluation import (
    Labelled,
    image_errors,
    mean_kl_per_latent,
    measure,
    pictures,
)
from vaepipe.files import read_json, replacing, write_json
from vaepipe.images import read_images
from vaepipe.summary import headline, summarise
from vaepipe.vae import CONFIG, load


def main(variant: str, data: Path, model_folder: Path, folder: Path) -> None:
    def read() -> dict:
        params = load_params()
        study = block(params.variants, variant, "variant").study
        return dump(getattr(params.studies, study).evaluation)

    settings = read()
    device = prepare(settings["device"], settings["threads"])
    files = [read_images(data / name) for name in ("train.parquet", "test.parquet")]
    kind = files[1].kind
    trained = read_json(model_folder / CONFIG)
    seeds = trained["training"]["seeds"]
    measures = []
    with naming_full_memory(f"studies.{trained['study']}.evaluation.importance_samples"):
        train, test = (
            Labelled(
                torch.tensor(images.pixels["noisy"], device=device),
                torch.tensor(images.pixels["clean"], device=device),
                images.labels,
            )
            for images in files
        )
        models = [load(model_folder, seed).to(device) for seed in seeds]
        for seed, model in zip(seeds, models, strict=True):
            measures.append(measure(model, train, test, kind.shape, settings))
            log.info("seed %d: %s", seed, measures[-1])
        kl = np.stack([mean_kl_per_latent(model, test.noisy).cpu().numpy() for model in models])
        arrays = {"kl_per_latent": kl} | pictures(models[0], test, kind.classes, settings)
    summary = summarise(seeds, measures)
    summary["input"] = image_errors(test.noisy.cpu(), test.clean.cpu(), kind.shape)
    names = ("metrics.json", "seeds.json", "arrays.safetensors")
    with replacing(*(folder / name for name in names)) as (metrics, spread, array_file):
        write_json(metrics, headline(summary))
        write_json(spread, summary)
        array_file.write_bytes(save(arrays))
        confirm(read, settings)


run(main)
