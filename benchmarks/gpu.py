"""What an epoch of training costs on a GPU: `python benchmarks/gpu.py [VARIANT ...]`.

As `benchmarks/training.py`, but for its peers: in each round all are timed one after another.
Printed are the medians of the images a second, and what a median is of the layers' alone. `ours`
is an epoch as the pipeline trains, its steps captured as CUDA graphs; `launched` is the same, with
each kernel launched by itself; `loop` is the same objective as a tutorial trains it,
without the L2 term.
"""

import statistics
import sys
from collections.abc import Callable, Mapping
from typing import Any

import torch
from training import layers, ours, prepared, seconds

from vaepipe.datasets.images import read_images
from vaepipe.learning.loop import build_objective
from vaepipe.learning.steps import CapturedSteps, Steps
from vaepipe.machine.device import prepare
from vaepipe.models.batch import Batch
from vaepipe.models.saved import build_network

ROUNDS = 5
VARIANTS = ("vae_20_100", "vae_20", "vae_20_300", "cvae_2", "cvae_16", "cartoons_50", "face_vae")


def rates(config: Mapping[str, Any], device: torch.device) -> dict[str, float]:
    """Of each that is timed, its images a second: a median over rounds."""
    train = Batch.of(read_images(config["file"]), device)
    timed = {
        "layers": layers(config, train),
        "ours": ours(config, train, CapturedSteps),
        "launched": ours(config, train, Steps),
        "loop": tutorial(config, train),
    }
    took: dict[str, list[float]] = {name: [] for name in timed}
    for _ in range(ROUNDS + 1):
        for name, epoch in timed.items():
            took[name].append(seconds(ended(epoch)))
    return {name: len(train) / statistics.median(of[1:]) for name, of in took.items()}


def tutorial(config: Mapping[str, Any], train: Batch) -> Callable[[], object]:
    """torch's own Adam on the objective, rows by a permutation."""
    device, settings = train.clean.device, config["training"]
    model, objective = build_network(config).to(device), build_objective(config)
    adam = torch.optim.Adam(model.parameters(), settings["learning_rate"])
    noise = torch.Generator(device)

    def epoch() -> None:
        for rows in torch.randperm(len(train), device=device).split(settings["batch_size"]):
            adam.zero_grad()
            terms = objective.terms(model, train[rows], noise)
            objective.loss(torch.stack([term.mean() for term in terms]), 0, 1).backward()
            adam.step()

    return epoch


def ended(epoch: Callable[[], object]) -> Callable[[], None]:
    """An epoch that is over when the GPU has done it."""

    def both() -> None:
        epoch()
        torch.cuda.synchronize()

    return both


def main() -> None:
    device = prepare("cuda", 1)
    names = ("layers", "ours", "launched", "loop")
    print(f"| variant | batch | {' | '.join(names)} |\n| --- | --- |{' --- |' * len(names)}")
    for variant, config in prepared(sys.argv[1:] or VARIANTS).items():
        found = rates(config, device)
        cells = [f"{found[name]:,.0f} ({found['layers'] / found[name]:.2f})" for name in names]
        print(
            f"| {variant} | {config['training']['batch_size']} | {' | '.join(cells)} |", flush=True
        )


if __name__ == "__main__":
    main()
