"""What measures cost beside what cannot be spared: `python benchmarks/evaluation.py [VARIANT ...]`.

One thread, untrained networks, test images of the built-in sample. In each round all are timed one
after another; printed are medians of the multiples. The bound over K draws is a multiple of the
decoder's layers on as many latents; SSIM of all images at once, of that image by image; the class
of most nearest neighbours, of scikit-learn's search by brute force.
"""

import os
import statistics
import sys
from collections.abc import Callable, Mapping
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"

import torch
from sklearn.neighbors import KNeighborsClassifier
from training import prepared, seconds

from vaepipe.datasets.images import FILES, read_images
from vaepipe.machine.device import prepare
from vaepipe.measures.images import ssim
from vaepipe.measures.importance import BATCH, DECODED, bounds
from vaepipe.models.batch import Batch
from vaepipe.models.neighbours import vote
from vaepipe.models.saved import Model, build_likelihood, build_network
from vaepipe.params import dump, load_params

ROUNDS = 9
IMAGES = 600
VARIANTS = ("vae_20", "cvae_2", "cvae_16", "cartoons_50")


def bound(config: Mapping[str, Any], test: Batch) -> tuple[Callable, Callable]:
    """The decoder alone, and the bound, over as many draws as params.yaml states."""
    settings = dump(load_params())["studies"][config["study"]]["evaluation"]
    model = Model(build_network(config).eval(), build_likelihood(config), config["shape"])
    draws = settings["importance_samples"]
    z = torch.randn(draws, BATCH, config["model"]["latent"])
    chunk = max(1, DECODED // (BATCH * test.clean.shape[1]))

    @torch.no_grad()
    def decoder() -> None:
        for _ in range(len(test) // BATCH):
            for some in z.split(chunk):
                model.network.decode(some)

    return decoder, lambda: bounds(model, test, {"importance_samples": draws, "seed": 0})


def likeness(config: Mapping[str, Any], test: Batch) -> tuple[Callable, Callable]:
    shape, others = config["shape"], test.clean.flip(0)
    rows = [slice(i, i + 1) for i in range(len(test))]
    return (
        lambda: [ssim(others[row], test.clean[row], shape) for row in rows],
        lambda: ssim(others, test.clean, shape),
    )


def nearest(config: Mapping[str, Any], test: Batch) -> tuple[Callable, Callable]:
    half = len(test) // 2
    points, known = test.clean[half:], test.clean[:half]
    labels = test.labels[:half]
    peer = KNeighborsClassifier(5, algorithm="brute").fit(known.numpy(), labels.numpy())
    return lambda: peer.predict(points.numpy()), lambda: vote(points, known, labels, 5)


def main() -> None:
    prepare("cpu", 1)
    measures = {"bound": bound, "SSIM": likeness, "neighbours": nearest}
    print(f"| variant | {' | '.join(measures)} |\n| --- |{' --- |' * len(measures)}")
    for variant, config in prepared(sys.argv[1:] or VARIANTS, FILES[1]).items():
        test = Batch.of(read_images(config["file"]), torch.device("cpu"))[:IMAGES]
        cells = []
        for made in measures.values():
            peer, ours = made(config, test)
            peer(), ours()  # to get warm
            ratios = [seconds(ours) / seconds(peer) for _ in range(ROUNDS)]
            cells.append(f"{statistics.median(ratios):.2f}")
        print(f"| {variant} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
