"""The training of a variant as a node of the graph: files in, files out."""

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from vaepipe.core import code
from vaepipe.core.errors import InputError
from vaepipe.core.files import digest, write_arrays, write_json
from vaepipe.datasets.images import FILES, fingerprint, read_images
from vaepipe.learning.loop import build_objective, fitted_images, held_out, train
from vaepipe.machine.capture import captures
from vaepipe.machine.device import check_memory, naming_full_memory, prepare
from vaepipe.models.batch import Batch
from vaepipe.models.saved import CONFIG, WEIGHTS, build_network, import_parts
from vaepipe.models.weights import save_weights

OUTPUTS = (WEIGHTS, CONFIG, "history.csv", "batches.csv", "snapshots.safetensors")
STATES = Path(".cache/training")


def train_variant(config: Mapping[str, Any], data: Path, *outputs: Path) -> Path:
    """Train a variant on the data set in a folder; returns the folder of its training states.

    The outputs are in the order of OUTPUTS. The states may be forgotten once these are in place,
    those of other data, code and parameters among them.
    """
    settings = config["training"]
    device = prepare(settings["device"], settings["threads"])
    images = [read_images(data / name) for name in FILES]
    kind = images[0].kind
    config = {**config, "shape": kind.shape, "classes": kind.classes}
    import_parts(config), build_objective(config)  # so that their code is loaded
    config["parameters"] = count_parameters(config)
    fitted = fitted_images(len(images[0].labels), settings)
    config["steps"] = math.ceil(fitted / settings["batch_size"])
    check_size(config, device)
    check_batches(config, fitted)
    used = [config, [fingerprint(split) for split in images], sorted(code.loaded().items())]
    inputs = digest([], json.dumps(used), torch.__version__, device.type)
    states = STATES / config["study"] / config["variant"]
    with naming_full_memory(f"variants.{config['variant']}.training.batch_size"):
        splits = [Batch.of(split, device) for split in images]
        trained = train(config, *splits, states / inputs)
    model_file, config_file, history_file, batches_file, snapshots_file = outputs
    save_weights(model_file, {f"seed-{s}": state for s, state in trained.weights.items()})
    write_json(config_file, config)
    _write_csv(history_file, trained.history)
    _write_csv(batches_file, trained.batches)
    write_arrays(snapshots_file, {f"seed-{s}": rows for s, rows in trained.snapshots.items()})
    return states


def count_parameters(config: Mapping[str, Any]) -> int:
    """How many numbers the network of a configuration learns."""
    return sum(tensor.numel() for tensor in _blank(config).parameters())


def _blank(config: Mapping[str, Any]) -> nn.Module:
    """The network of a configuration without its weights, which takes no memory."""
    with torch.device("meta"):
        return build_network(config)


def check_batches(config: Mapping[str, Any], fitted: int) -> None:
    """Raises InputError if a network that normalises its batches would see one of one image.

    The variance of a batch needs two; batches are filled from so many images, the last with the
    rest.
    """
    size = config["training"]["batch_size"]
    normalised = any(isinstance(module, nn.BatchNorm1d) for module in _blank(config).modules())
    if normalised and (fitted % size or size) == 1:
        raise InputError(
            f"params.yaml: variants.{config['variant']}.training.batch_size: of {fitted} training "
            f"images in batches of {size} the last is alone, but the body {config['body']} "
            "normalises over the images of a batch. Choose another size."
        )


def check_size(config: Mapping[str, Any], device: torch.device) -> None:
    """Raises InputError if a device cannot hold what is kept of all seeds until the last is done.

    That is, for each parameter of the network, its value for each seed and, while one is trained,
    its gradient and the two moments of Adam, with validation its best value too; and the snapshots.
    Where steps are captured, each of the two kinds of batch has a gradient of its own too.
    """
    settings = config["training"]
    parameters = config["parameters"]
    snapshots = settings["epochs"] * settings["snapshots"] * math.prod(config["shape"])
    seeds = len(settings["seeds"])
    values = seeds + (4 if held_out(settings) else 3) + (2 if captures(device) else 0)
    check_memory(
        device,
        4 * values * parameters + seeds * snapshots,
        f"variants.{config['variant']}: {seeds} networks of {parameters} parameters and snapshots",
        "the sizes in model, training.seeds or training.snapshots",
    )


def _write_csv(path: Path, rows: list[list]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
