"""The training of a judge: on clean images, stopped early by a part of them that it never sees."""

import csv
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_json
from vaepipe.core.progress import bar
from vaepipe.datasets.images import FILES, Images, read_images
from vaepipe.judges.attributes import attribute_key
from vaepipe.judges.classifier import FACTS, WEIGHTS, Classifier, Judge, majority
from vaepipe.machine.device import naming_full_memory, prepare
from vaepipe.models.batch import in_blocks
from vaepipe.models.optimiser import Adam
from vaepipe.models.weights import save_weights

log = logging.getLogger(__name__)

OUTPUTS = (WEIGHTS, FACTS, "history.csv")
HISTORY = ("epoch", "training_loss", "validation_loss", "validation_accuracy")


def train_judge(settings: Mapping[str, Any], dataset: str, data: Path, *outputs: Path) -> None:
    """Train the judge of the data set in a folder; the outputs are in the order of OUTPUTS.

    Beside it a classifier of each attribute in the settings, of the same architecture. Their
    accuracies are those on the clean images of the test split, which decides nothing here. Raises
    InputError if the images are neither grey nor of colour, smaller than 4 x 4 pixels, or too few,
    or if an attribute is missing, has one value, or one that no training image has.
    """
    device = prepare(settings["device"], settings["threads"])
    train, test = (read_images(data / name) for name in FILES)
    shape, classes = train.kind.shape, train.kind.classes
    if len(shape) not in (2, 3) or min(shape[:2]) < 4:
        raise InputError(
            f"{data}: a judge looks at grey or colour images of 4 x 4 pixels or more, not {shape}."
        )
    values = {name: _values(name, dataset, train, test) for name in settings["attributes"]}
    with torch.random.fork_rng(devices=[]), naming_full_memory(f"judges.{dataset}.batch_size"):
        seen, unseen = (torch.as_tensor(of.pixels["clean"], device=device) for of in (train, test))
        labels, asked = (torch.as_tensor(of.labels, device=device) for of in (train, test))
        network, history = _trained(shape, len(classes), seen, labels, settings, dataset)
        judge = Judge(network, scale=1.0, accuracy=1.0)
        scale = float(np.sqrt((judge.features(seen) ** 2).mean())) or 1.0
        accuracy = judge.right(unseen, asked)
        log.info("accuracy on the clean test images: %.4f", accuracy)
        facts = {
            "shape": shape,
            "classes": classes,
            "settings": {key: settings[key] for key in ("channels", "features", "dropout")},
            **_stopped(history),
            "scale": scale,
            "accuracy": accuracy,
            "majority": majority(asked),
            "attributes": {},
        }
        weights = {"judge": network.state_dict()}
        for name, known in values.items():
            labels, asked = (
                torch.tensor(np.searchsorted(known, of.attributes[name]), device=device)
                for of in (train, test)
            )
            network, stopped = _trained(shape, len(known), seen, labels, settings, dataset, name)
            weights[attribute_key(name)] = network.state_dict()
            facts["attributes"][name] = _read(network, known, labels, unseen, asked) | _stopped(
                stopped
            )
    weights_file, facts_file, history_file = outputs
    save_weights(weights_file, weights)
    write_json(facts_file, facts)
    with history_file.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([HISTORY, *history])


def _values(name: str, dataset: str, train: Images, test: Images) -> list[str]:
    """The values of an attribute in the training split, sorted; InputError as `train_judge`."""
    key = f"params.yaml: judges.{dataset}.attributes"
    for images in (train, test):
        if name not in images.attributes:
            known = ", ".join(images.attributes) or "none"
            raise InputError(f"{key}: the data set has no attribute '{name}'; it has {known}.")
    values = sorted(set(train.attributes[name].tolist()))
    if len(values) == 1:
        raise InputError(
            f"{key}: '{name}' is '{values[0]}' for all training images, so there is nothing to "
            "tell apart. Remove it."
        )
    unknown = sorted(set(test.attributes[name].tolist()) - set(values))
    if unknown:
        raise InputError(
            f"{key}: no training image has the '{name}' '{unknown[0]}', which test images have. "
            "Train on more images, or remove the attribute."
        )
    return values


def _trained(
    shape: Sequence[int],
    classes: int,
    images: Tensor,
    labels: Tensor,
    settings: Mapping[str, Any],
    *names: str,
) -> tuple[Classifier, list[list[float]]]:
    """A classifier with its best weights, and the rows of its history.

    Names are those of the data set and, if it is of one, of the attribute.
    """
    torch.manual_seed(settings["seed"])
    network = Classifier(shape, classes, settings).to(images.device)
    return network, _fit(network, images, labels, settings, names)


def _stopped(history: Sequence[Sequence[float]]) -> dict[str, float]:
    best = min(history, key=lambda row: row[2])
    return {"epochs": len(history), "best_epoch": best[0], "validation_accuracy": best[3]}


def _read(
    network: Classifier, values: Sequence[str], training: Tensor, images: Tensor, labels: Tensor
) -> dict[str, Any]:
    """What is told of the classifier of an attribute, by test images and labels.

    The shares of the values among the training labels; of the test images of each value (a row) how
    many it takes for each (a column).
    """
    count = len(values)
    judge = Judge(network, scale=1.0, accuracy=1.0)
    taken = (count * labels + judge.name(images)).bincount(minlength=count**2).view(count, count)
    accuracy = taken.trace().item() / len(labels)
    log.info("accuracy on the clean test images: %.4f", accuracy)
    return {
        "classes": values,
        "shares": (training.bincount(minlength=count).double() / len(training)).tolist(),
        "accuracy": accuracy,
        "majority": majority(labels),
        "confusion": taken.tolist(),
    }


def _fit(
    network: Classifier,
    images: Tensor,
    labels: Tensor,
    settings: Mapping[str, Any],
    names: Sequence[str],
) -> list[list[float]]:
    """Train until the validation loss has not fallen for `patience` epochs; keep the best weights.

    Returns the rows of the history.
    """
    kept = round(settings["validation"] * len(labels))
    if not settings["batch_size"] <= len(labels) - kept or not kept:
        raise InputError(
            f"params.yaml: judges.{names[0]}: of {len(labels)} training images {kept} are kept for "
            f"validation, which leaves no batch of {settings['batch_size']}, or nothing to "
            "validate by. Change validation or batch_size."
        )
    order = torch.randperm(len(labels)).to(images.device)
    validation, training = order[:kept], order[kept:]
    optimiser = Adam(network.parameters())
    optimiser.set_rate(settings["learning_rate"])
    history: list[list[float]] = []
    best: list[float] = []
    with bar(settings["epochs"], " ".join(("judge", *names)), "epoch") as moved:
        for epoch in range(1, settings["epochs"] + 1):
            loss = _epoch(network, optimiser, images, labels, training, settings["batch_size"])
            found = _validate(network, images[validation], labels[validation])
            history.append([epoch, loss, *found])
            log.info("epoch %d: training %.4f, validation %.4f nats, %.4f right", *history[-1])
            moved.update()
            if not best or history[-1][2] < best[2]:
                best = history[-1]
                weights = {name: value.clone() for name, value in network.state_dict().items()}
            if epoch - best[0] == settings["patience"]:
                break
    network.load_state_dict(weights)
    return history


def _epoch(
    network: Classifier,
    optimiser: Adam,
    images: Tensor,
    labels: Tensor,
    rows: Tensor,
    batch_size: int,
) -> float:
    """One pass over these rows in a new order; the cross-entropy, a mean while weights moved."""
    network.train()
    losses = []
    for batch in rows[torch.randperm(len(rows)).to(rows.device)].split(batch_size):
        loss = functional.cross_entropy(network(images[batch]), labels[batch])
        optimiser.step(loss)
        losses.append(len(batch) * loss.detach())
    return (torch.stack(losses).double().sum() / len(rows)).item()


@torch.no_grad()
def _validate(network: Classifier, images: Tensor, labels: Tensor) -> Sequence[float]:
    """The cross-entropy in nats and the share that is right."""
    network.eval()
    logits = in_blocks(network, images)
    right = (logits.argmax(-1) == labels).double().mean()
    return functional.cross_entropy(logits, labels).item(), right.item()
