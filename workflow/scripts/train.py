"""Train every seed of a variant."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

import csv
import json

import torch

from vaepipe.command import run
from vaepipe.config import confirm, load_params, variant_config
from vaepipe.device import naming_full_memory, prepare
from vaepipe.files import digest, loaded_code, replacing, write_json
from vaepipe.images import read_images
from vaepipe.training import HISTORY, Split, forget, train
from vaepipe.vae import CONFIG, WEIGHTS, save_weights


def main(variant: str, data: Path, folder: Path) -> None:
    def read() -> dict:
        return variant_config(load_params(), variant)

    settings = read()
    device = prepare(settings["training"]["device"], settings["training"]["threads"])
    files = [data / "train.parquet", data / "test.parquet"]
    images = [read_images(path) for path in files]
    config = settings | {"shape": images[0].kind.shape, "classes": images[0].kind.classes}
    key = digest([*files, *loaded_code()], json.dumps(config), torch.__version__, device.type)
    states = Path(".cache/training", key)
    with naming_full_memory(f"variants.{variant}.training.batch_size"):
        splits = [
            Split(*(torch.tensor(i.pixels[name], device=device) for name in ("noisy", "clean")))
            for i in images
        ]
        weights, history = train(config, *splits, states)
    outputs = (folder / WEIGHTS, folder / CONFIG, folder / "history.csv")
    with replacing(*outputs) as (model_file, config_file, history_file):
        save_weights(model_file, weights)
        write_json(config_file, config)
        with history_file.open("w", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HISTORY, *history])
        confirm(read, settings)
    forget(states)


run(main)
