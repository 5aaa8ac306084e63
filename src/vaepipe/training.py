"""The training loop: every seed of a variant, resumable after each epoch, bitwise the same."""

import json
import logging
import math
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from vaepipe.errors import InputError
from vaepipe.files import replacing
from vaepipe.objectives import Objective
from vaepipe.progress import bar, expected_end
from vaepipe.registry import LIKELIHOODS, REGULARISERS
from vaepipe.vae import VAE, build_vae

log = logging.getLogger(__name__)

TEST_BATCH = 2000
PURPOSES = ("weights", "order", "noise", "test noise")
"""What random numbers are drawn for in a training."""
HISTORY = (
    "seed",
    "epoch",
    "split",
    "total",
    "reconstruction",
    "kl",
    "l2",
    "total_per_pixel",
)
"""Columns of history.csv. Terms are in nats per image; total = reconstruction + kl + l2."""


@dataclass(frozen=True)
class Split:
    """Noisy images and their clean targets, each (n, pixels) in [0, 1]."""

    noisy: Tensor
    clean: Tensor


@dataclass
class Progress:
    """How far the training of one seed has come."""

    model: VAE
    optimiser: torch.optim.Adam
    history: list[list]
    epochs: int = 0


def train(
    config: Mapping, train: Split, test: Split, states: Path
) -> tuple[dict[int, dict[str, Tensor]], list[list]]:
    """Train every seed; return its weights and the rows of the history.

    `config` is a resolved configuration with the images' shape; the splits lie on the device.
    A state per seed is kept in the folder `states`, which must belong to these very inputs:
    what is found there is continued. Raises InputError if a batch is larger than the data or
    the loss is no longer finite.
    """
    settings = config["training"]
    if settings["batch_size"] > len(train.clean):
        raise InputError(
            f"params.yaml: variants.{config['variant']}.training.batch_size: "
            f"{settings['batch_size']} is larger than the {len(train.clean)} training images."
        )
    log.info("%d training and %d test images", len(train.clean), len(test.clean))
    weights, history = {}, []
    epochs = settings["epochs"]
    began, done, left = time.time(), 0, epochs * len(settings["seeds"])
    with bar(left, config["variant"], "epoch") as moved:
        for seed in settings["seeds"]:
            path = states / f"seed-{seed}.safetensors"
            progress = _restore(path, _start(config, seed, train.clean.device))
            if progress.epochs:
                log.info("seed %d: resumed after epoch %d", seed, progress.epochs)
            moved.update(progress.epochs)
            left -= progress.epochs
            while progress.epochs < epochs:
                seconds = _advance(progress, config, seed, train, test)
                _save(path, progress)
                moved.update()
                done, left = done + 1, left - 1
                log.info(
                    "seed %d epoch %d/%d: train %.2f, test %.2f nats per image, %.3f s, "
                    "expected end %s",
                    seed,
                    progress.epochs,
                    epochs,
                    progress.history[-2][3],
                    progress.history[-1][3],
                    seconds,
                    expected_end(began, done, left),
                )
            weights[seed] = progress.model.state_dict()
            history += progress.history
    return weights, history


def forget(states: Path) -> None:
    """Remove the training states of a node that has succeeded."""
    shutil.rmtree(states, ignore_errors=True)


def kl_weight(step: int, warmup_steps: int) -> float:
    """Linear from 0 to 1 over the warm-up (Bowman et al. 2016; Sønderby et al. 2016), then 1."""
    return min(1.0, step / warmup_steps) if warmup_steps else 1.0


def build_objective(settings: Mapping) -> Objective:
    likelihood = LIKELIHOODS[settings["likelihood"]]()
    return Objective(likelihood, REGULARISERS[settings["regulariser"]](), settings["l2"])


def _start(config: Mapping, seed: int, device: torch.device) -> Progress:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_stream(seed, "weights"))
        model = build_vae(config).to(device)
    settings = config["training"]
    return Progress(model, build_optimiser(model, settings["learning_rate"], settings["l2"]), [])


def build_optimiser(model: nn.Module, learning_rate: float, l2: float) -> torch.optim.Adam:
    """Adam (Kingma & Ba 2015) that adds the gradient of the L2 term, 2 l2 w, by itself.

    That is what torch calls weight decay of Adam (not of AdamW); it costs less than backward.
    """
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": weights, "weight_decay": 2 * l2}, {"params": biases}]
    return torch.optim.Adam(groups, learning_rate, fused=True)


def _advance(progress: Progress, config: Mapping, seed: int, train: Split, test: Split) -> float:
    """One epoch over the training split, then the objective on the test split; its seconds."""
    settings = config["training"]
    objective = build_objective(settings)
    epoch = progress.epochs + 1
    began = time.perf_counter()
    rows = {
        "train": _epoch(progress, objective, settings, seed, train),
        "test": _test(progress.model, objective, seed, test),
    }
    for split, (reconstruction, kl, l2) in rows.items():
        total = reconstruction + kl + l2
        if not math.isfinite(total):
            raise InputError(
                f"{config['variant']}: the {split} loss of seed {seed} is not finite in epoch "
                f"{epoch}. Lower variants.{config['variant']}.training.learning_rate in "
                "params.yaml."
            )
        per_pixel = total / train.clean.shape[1]
        progress.history.append([seed, epoch, split, total, reconstruction, kl, l2, per_pixel])
    progress.epochs = epoch
    return time.perf_counter() - began


def _epoch(
    progress: Progress, objective: Objective, settings: Mapping, seed: int, train: Split
) -> tuple[float, float, float]:
    """One pass of Adam; returns reconstruction, KL and L2, averaged while the weights moved.

    Batches and noise come from the seed and the epoch alone, so a resumed training sees the same.
    """
    model, device = progress.model, train.clean.device
    shuffle = _generator(_stream(seed, "order", progress.epochs), "cpu")
    order = torch.randperm(len(train.clean), generator=shuffle)
    noise = _generator(_stream(seed, "noise", progress.epochs), device)
    batches = order.to(device).split(settings["batch_size"])
    sums = torch.zeros(3, dtype=torch.float64, device=device)
    for number, batch in enumerate(batches, start=progress.epochs * len(batches)):
        target = train.clean[batch]
        epsilon = torch.randn(len(batch), model.latent, generator=noise, device=device)
        output, posterior = model(train.noisy[batch], epsilon)
        terms = objective.terms(model, target, output, posterior)
        weight = kl_weight(number, settings["warmup_epochs"] * len(batches))
        means = torch.stack([term.mean() for term in terms])
        progress.optimiser.zero_grad()
        (means[0] + weight * means[1]).backward()
        progress.optimiser.step()
        sums += len(batch) * means.detach()
    return tuple((sums / len(order)).tolist())


@torch.no_grad()
def _test(model: VAE, objective: Objective, seed: int, test: Split) -> tuple[float, float, float]:
    """Reconstruction, KL and L2 on the test split, with the same noise after every epoch."""
    device = test.clean.device
    noise = _generator(_stream(seed, "test noise"), device)
    sums = torch.zeros(3, dtype=torch.float64, device=device)
    for noisy, clean in zip(
        test.noisy.split(TEST_BATCH), test.clean.split(TEST_BATCH), strict=True
    ):
        epsilon = torch.randn(len(clean), model.latent, generator=noise, device=device)
        output, posterior = model(noisy, epsilon)
        terms = objective.terms(model, clean, output, posterior)
        sums += len(clean) * torch.stack([term.mean() for term in terms])
    return tuple((sums / len(test.clean)).tolist())


def _stream(seed: int, purpose: str, epoch: int = 0) -> int:
    """The seed of one stream of random numbers: a hash, so that no two streams overlap."""
    number = PURPOSES.index(purpose)
    return int(np.random.SeedSequence([seed, number, epoch]).generate_state(1)[0])


def _generator(stream: int, device: torch.device | str) -> torch.Generator:
    return torch.Generator(device).manual_seed(stream)


def _save(path: Path, progress: Progress) -> None:
    tensors = {f"model/{name}": value for name, value in progress.model.state_dict().items()}
    for index, state in progress.optimiser.state_dict()["state"].items():
        tensors |= {f"adam/{index}/{name}": value for name, value in state.items()}
    metadata = {"history": json.dumps(progress.history)}
    with replacing(path) as (temporary,):
        temporary.write_bytes(safetensors.torch.save(tensors, metadata))


def _restore(path: Path, start: Progress) -> Progress:
    """The state in a file laid over a fresh start; the start itself if there is none to use."""
    if not path.exists():
        return start
    try:
        with safetensors.safe_open(path, "pt", str(next(start.model.parameters()).device)) as file:
            history = json.loads(file.metadata()["history"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        log.warning("%s: unreadable training state (%s), starting anew", path, error)
        return start
    _load_model(start.model, tensors)
    _load_adam(start.optimiser, tensors)
    return Progress(start.model, start.optimiser, history, history[-1][1])


def _load_model(model: nn.Module, tensors: Mapping[str, Tensor]) -> None:
    prefix = "model/"
    model.load_state_dict(
        {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    )


def _load_adam(optimiser: torch.optim.Adam, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith("adam/"):
            _, index, key = name.split("/")
            state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
