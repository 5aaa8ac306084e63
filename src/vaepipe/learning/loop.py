"""The training loop: every seed of a variant, resumable after an epoch, bitwise the same.

It knows terms, steps and epochs; what they mean is the objective's.
"""

import logging
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.core.progress import bar, expected_end
from vaepipe.datasets.noise import add_noise, binarise
from vaepipe.learning.rates import SCHEDULES
from vaepipe.learning.states import Progress, restore, save
from vaepipe.learning.steps import Objective, Steps, steps_on
from vaepipe.models.batch import Batch
from vaepipe.models.optimiser import Adam
from vaepipe.models.saved import Model, build_likelihood, build_network

log = logging.getLogger(__name__)

TEST_BATCH = 2000
SAVING = 0.1
"""Of the time of a training, the share that may go into its states."""
PURPOSES = ("weights", "order", "noise", "test noise", "layers", "corruption", "validation")
"""What random numbers are drawn for in a training."""


@dataclass
class Trained:
    """What the training of a variant leaves behind."""

    weights: dict[int, dict[str, Tensor]]
    history: list[list]
    """Rows of history.csv, its header first."""
    batches: list[list]
    """Rows of batches.csv, its header first."""
    snapshots: dict[int, np.ndarray]
    """For each seed, uint8 (epochs, images, pixels)."""


def train(config: Mapping[str, Any], train: Batch, test: Batch, states: Path) -> Trained:
    """Train every seed.

    `config` is a resolved configuration with the images' shape; the splits lie on the device.
    A state per seed is kept in the folder `states`, which must belong to these very inputs:
    what is found there is continued. With a number for `validation`, that share of the training
    images is kept apart: training stops when their loss has not fallen for `patience` epochs, and
    the weights of the epoch with the lowest are kept. The test split decides nothing. Raises
    InputError if a batch is larger than the data, nothing is left to validate by, more snapshots
    are asked for than there are test images, or the loss is no longer finite.
    """
    settings = config["training"]
    fitted = fitted_images(len(train), settings)
    if settings["batch_size"] > fitted:
        raise InputError(
            f"params.yaml: variants.{config['variant']}.training.batch_size: "
            f"{settings['batch_size']} is larger than the {fitted} training images."
        )
    if held_out(settings) and fitted == len(train):
        raise InputError(
            f"params.yaml: variants.{config['variant']}.training.validation: "
            f"{settings['validation']} of {len(train)} training images are none."
        )
    if settings["snapshots"] > len(test):
        raise InputError(
            f"params.yaml: studies.{config['study']}.training.snapshots: "
            f"{settings['snapshots']} are more than the {len(test)} test images."
        )
    log.info(
        "%d training and %d test images", len(train), len(test), extra={"facts": {"images": fitted}}
    )
    if settings["noise"] == "none":
        train, test = train.without_noise(), test.without_noise()
    objective = build_objective(config)
    terms = [*objective.columns, "l2"]
    trained = Trained(
        weights={},
        history=[["seed", "epoch", "split", "total", *terms, "total_per_pixel"]],
        batches=[["seed", "epoch", "step", "total", *terms]],
        snapshots={},
    )
    _train_seeds(config, objective, train, test, states, trained)
    return trained


def held_out(settings: Mapping[str, Any]) -> float:
    """The share of the training images that tells when to stop: 0 without, as in most studies."""
    return settings.get("validation") or 0.0


def fitted_images(images: int, settings: Mapping[str, Any]) -> int:
    """To how many of so many training images the weights are fitted: those not kept apart."""
    return images - round(held_out(settings) * images)


def build_objective(config: Mapping[str, Any]) -> Objective:
    part = import_module(f"vaepipe.models.objectives.{config['objective']}")
    return part.Objective(build_likelihood(config), config["training"])


def _train_seeds(
    config: Mapping,
    objective: Objective,
    train: Batch,
    test: Batch,
    states: Path,
    trained: Trained,
) -> None:
    """Train seed after seed; of each only what it leaves behind stays in memory.

    A state is saved once the last one took no more than SAVING of the training since, and at the
    end of a seed that others follow: after that of the last come the outputs themselves.
    """
    settings = config["training"]
    epochs, seeds = settings["epochs"], settings["seeds"]
    began, done, left = time.time(), 0, epochs * len(seeds)
    with bar(left, config["variant"], "epoch") as moved:
        for seed in seeds:
            fitted, kept_apart = _parted(train, settings, seed)
            path = states / f"seed-{seed}.state"
            progress = restore(path, _start(config, seed, train.clean.device))
            if progress.epochs:
                log.info(
                    "seed %d: resumed after epoch %d",
                    seed,
                    progress.epochs,
                    extra={"facts": {"resumed": progress.epochs}},
                )
            steps = steps_on(train.clean.device)(progress, objective, settings["batch_size"])
            moved.update(progress.epochs)
            left -= progress.epochs
            unsaved = saving = 0.0
            while not _has_ended(progress, settings):
                seconds = _advance(progress, steps, config, seed, fitted, kept_apart, test)
                unsaved += seconds
                ended = _has_ended(progress, settings)
                due = seed != seeds[-1] if ended else saving <= SAVING * unsaved
                if due:
                    saving, unsaved = _timed_save(path, progress), 0.0
                moved.update()
                done, left = done + 1, left - 1
                log.info(
                    "seed %d epoch %d/%d: train %.2f, test %.2f %s per image, %.3f s, "
                    "expected end %s",
                    seed,
                    progress.epochs,
                    epochs,
                    _last_total(progress, "train"),
                    _last_total(progress, "test"),
                    objective.unit,
                    seconds,
                    expected_end(began, done, left),
                    extra={"facts": {"epoch_seconds": round(seconds, 6)}},
                )
            moved.update(epochs - progress.epochs)
            left -= epochs - progress.epochs
            _keep(trained, seed, progress)
            del progress, steps  # its gradients and moments are larger than what is kept


def _keep(trained: Trained, seed: int, progress: Progress) -> None:
    """Add what the training of a seed leaves behind."""
    trained.weights[seed] = progress.best or progress.model.state_dict()
    trained.history += progress.history
    trained.batches += progress.batches
    if progress.snapshots:
        trained.snapshots[seed] = torch.stack(progress.snapshots).numpy()


def _parted(train: Batch, settings: Mapping[str, Any], seed: int) -> tuple[Batch, Batch | None]:
    """The images that the weights are fitted to, and those that tell when to stop, if any are."""
    if not held_out(settings):
        return train, None
    shuffle = _generator(_stream(seed, "validation"), "cpu")
    order = torch.randperm(len(train), generator=shuffle).to(train.clean.device)
    fitted, kept_apart = order.tensor_split([fitted_images(len(train), settings)])
    grey = None if train.grey is None else train.grey[fitted]  # drawn anew in each epoch
    return replace(train[fitted], grey=grey), train[kept_apart]


def _has_ended(progress: Progress, settings: Mapping[str, Any]) -> bool:
    """Whether the epochs are over, or the validation loss has long not fallen."""
    if progress.epochs == settings["epochs"]:
        return True
    return held_out(settings) > 0 and progress.epochs - _best(progress) == settings["patience"]


def _best(progress: Progress) -> int:
    """The first epoch with the lowest validation loss, without its L2; 0 before there is one."""
    rows = [row for row in progress.history if row[2] == "validation"]
    return min(rows, key=lambda row: row[3] - row[-2])[1] if rows else 0


def _last_total(progress: Progress, split: str) -> float:
    """The total of a split after the last epoch."""
    return next(row[3] for row in reversed(progress.history) if row[2] == split)


def _timed_save(path: Path, progress: Progress) -> float:
    """Seconds that saving took."""
    began = time.perf_counter()
    save(path, progress)
    return time.perf_counter() - began


def _start(config: Mapping, seed: int, device: torch.device) -> Progress:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_stream(seed, "weights"))
        model = build_network(config).to(device)
    settings = config["training"]
    return Progress(model, Adam(model.parameters(), settings["l2"], settings["epsilon"]))


def _advance(
    progress: Progress,
    steps: Steps,
    config: Mapping,
    seed: int,
    train: Batch,
    validation: Batch | None,
    test: Batch,
) -> float:
    """One epoch over the training images, then the objective on the others; its seconds."""
    epoch = progress.epochs + 1
    pixels = math.prod(config["shape"])
    began = time.perf_counter()
    rows = {"train": _epoch(progress, steps, config, seed, train)}
    if validation is not None:
        rows["validation"] = _test(progress, steps.objective, seed, validation)
    rows["test"] = _test(progress, steps.objective, seed, test)
    for split, terms in rows.items():
        named = dict(zip((*steps.objective.columns, "l2"), terms, strict=True))
        _check_finite(progress, steps.objective, config["variant"], seed, split, named)
    for split, terms in rows.items():
        total = sum(terms)
        progress.history.append([seed, epoch, split, total, *terms, total / pixels])
    progress.gradient_norm = progress.optimiser.gradient_norm()
    if config["training"]["snapshots"]:
        progress.snapshots.append(_snapshot(progress, config, test))
    progress.epochs = epoch
    if _best(progress) == epoch:
        weights = progress.model.state_dict()
        progress.best = {name: value.clone() for name, value in weights.items()}
    return time.perf_counter() - began


def _check_finite(
    progress: Progress,
    objective: Objective,
    variant: str,
    seed: int,
    split: str,
    terms: Mapping[str, float],
) -> None:
    """Raises InputError that says what diverged, since when, and what to lower."""
    wrong = [f"{name} is {value}" for name, value in terms.items() if not math.isfinite(value)]
    if not wrong:
        return
    last = "No epoch before it was finished."
    if progress.epochs:
        last = (
            f"Epoch {progress.epochs} was the last good one: {_last_total(progress, 'train'):.4g} "
            f"{objective.unit} per image on the training split, and the gradient of its last step "
            f"had a norm of {progress.gradient_norm:.3g}."
        )
    raise InputError(
        f"{variant}: the {split} loss of seed {seed} is not finite in epoch {progress.epochs + 1}: "
        f"{', '.join(wrong)}. {last} Lower variants.{variant}.training.learning_rate in "
        "params.yaml."
    )


def _epoch(
    progress: Progress, steps: Steps, config: Mapping, seed: int, train: Batch
) -> list[float]:
    """One pass of the optimiser; returns the terms and L2, averaged while the weights moved.

    Batches and noise come from the seed and the epoch alone, so a resumed training sees the same.
    """
    settings = config["training"]
    train = _drawn_anew(train, settings["noise"], config["data"], seed, progress.epochs)
    progress.optimiser.set_rate(SCHEDULES[settings["schedule"]](progress.epochs, settings))
    shuffle = _generator(_stream(seed, "order", progress.epochs), "cpu")
    order = torch.randperm(len(train), generator=shuffle)
    steps.noise.manual_seed(_stream(seed, "noise", progress.epochs))
    torch.manual_seed(_stream(seed, "layers", progress.epochs))  # dropout takes no generator
    progress.model.train()
    means = steps.epoch(train, order.to(train.clean.device))
    if settings["batch_losses"]:
        first = progress.epochs * len(means) + 1
        for number, row in enumerate(means.double().tolist(), start=first):
            progress.batches.append([seed, progress.epochs + 1, number, sum(row), *row])
    return _averages(means, list(map(len, order.split(settings["batch_size"]))))


def _drawn_anew(train: Batch, noise: str, data: Mapping, seed: int, epoch: int) -> Batch:
    """The same images with what is drawn for one epoch: dynamic pixels, and fresh noise."""
    generator = np.random.default_rng(_stream(seed, "corruption", epoch))
    device = train.clean.device
    if train.grey is not None:
        drawn = binarise(train.grey.cpu().numpy(), generator)
        train = replace(train, clean=torch.tensor(drawn, device=device))
    elif noise == "fixed":
        return train
    if noise == "none":
        return train.without_noise()
    noisy = add_noise(train.clean.cpu().numpy(), data["noise"], data["level"], generator)
    return replace(train, noisy=torch.tensor(noisy, device=device))


@torch.no_grad()
def _test(progress: Progress, objective: Objective, seed: int, test: Batch) -> list[float]:
    """The terms and L2 on the test split, with the same noise after every epoch."""
    noise = _generator(_stream(seed, "test noise"), test.clean.device)
    progress.model.eval()
    l2 = progress.optimiser.penalty()
    batches = list(test.split(TEST_BATCH))
    means = [
        torch.stack([*(t.mean() for t in objective.terms(progress.model, batch, noise)), l2])
        for batch in batches
    ]
    return _averages(means, list(map(len, batches)))


def _averages(means: Sequence[Tensor], sizes: Sequence[int]) -> list[float]:
    """Means over all images from those of batches."""
    sums = torch.zeros(len(means[0]), dtype=torch.float64, device=means[0].device)
    for mean, size in zip(means, sizes, strict=True):
        sums += size * mean
    return (sums / sum(sizes)).tolist()


def _snapshot(progress: Progress, config: Mapping, test: Batch) -> Tensor:
    """The first test images as the model reconstructs them now, uint8 (n, pixels)."""
    model = Model(progress.model.eval(), build_likelihood(config), tuple(config["shape"]))
    images = model.reconstruct(test.noisy[: config["training"]["snapshots"]])
    return (255 * images.flatten(1)).round().to(torch.uint8).cpu()


def _stream(seed: int, purpose: str, epoch: int = 0) -> int:
    """The seed of one stream of random numbers: a hash, so that no two streams overlap."""
    number = PURPOSES.index(purpose)
    return int(np.random.SeedSequence([seed, number, epoch]).generate_state(1)[0])


def _generator(stream: int, device: torch.device | str) -> torch.Generator:
    return torch.Generator(device).manual_seed(stream)
