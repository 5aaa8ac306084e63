"""What an epoch of training costs beside its layers: `python benchmarks/training.py [VARIANT ...]`.

One thread, the built-in sample. In each round all are timed one after another, and each is divided
by the layers of the same round: the products and convolutions of a step alone, forward and
backward, and one fused Adam over the weights. Printed are the medians over the rounds, and between
brackets the lowest and the highest. `ours` is an epoch as the pipeline trains, without its test
objective; `loop` is the same network with torch's own loss and optimiser, as a tutorial writes it;
so are Lightning and Pythae, which are installed into .cache/peers at the first call.
"""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"
sys.path[:0] = [str(Path(__file__).resolve().parent / "peers")]

import torch
from common import loss
from torch import Tensor, nn

from vaepipe.datasets.images import FILES, read_images, read_kind
from vaepipe.learning.loop import _epoch, _start, build_objective
from vaepipe.learning.steps import Steps
from vaepipe.machine.capture import Captures, captures
from vaepipe.machine.device import prepare
from vaepipe.models.batch import Batch
from vaepipe.models.optimiser import Adam
from vaepipe.models.saved import build_network
from vaepipe.params import dump, load_params, read_variant

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / ".cache/peers"
PACKAGES = ("lightning==2.6.0", "pythae==0.1.2")
NAMES = ("lightning", "pythae")
ROUNDS = 9
VARIANTS = ("vae_20_100", "vae_20", "vae_20_300", "cvae_2", "cvae_16", "cartoons_50")
PRODUCTS = (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)


def prepared(variants: Sequence[str], split: str = FILES[0]) -> dict[str, dict[str, Any]]:
    """The configuration of each variant, with the file of a split of its images and their kind."""
    params = dump(load_params())
    configs = {variant: dict(read_variant(variant, params)) for variant in variants}
    for config in configs.values():
        config["file"] = Path("data/processed", config["dataset"], split)
    files = {str(config["file"]) for config in configs.values()}
    command = ["snakemake", "--cores", "2", *files, "--quiet", "all"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    for config in configs.values():
        kind = read_kind(config["file"])
        config |= {"shape": kind.shape, "classes": kind.classes}
    return configs


def ours(config: Mapping[str, Any], train: Batch, how: type[Steps] = Steps) -> Callable[[], object]:
    progress = _start(config, 0, train.clean.device)
    steps = how(progress, build_objective(config), config["training"]["batch_size"])
    return lambda: _epoch(progress, steps, config, 0, train)


def tutorial(config: Mapping[str, Any], train: Batch) -> Callable[[], object]:
    """The loop that a tutorial shows: torch's loss, KL and Adam, rows by a permutation."""
    model, settings = build_network(config), config["training"]
    adam = torch.optim.Adam(model.parameters(), settings["learning_rate"])

    def epoch() -> None:
        for rows in torch.randperm(len(train)).split(settings["batch_size"]):
            adam.zero_grad()
            loss(model, train.noisy[rows], train.clean[rows]).backward()
            adam.step()

    return epoch


def layers(config: Mapping[str, Any], train: Batch) -> Callable[[], object]:
    """Each product and convolution of a step by itself, forward and backward, then one Adam."""
    device, settings = train.clean.device, config["training"]
    model = build_network(config).to(device)
    calls = list(_calls(model, train[: settings["batch_size"]]))
    adam = Adam(model.parameters(), 0.0, settings["epsilon"])
    adam.set_rate(0.0)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)

    @torch.no_grad()
    def step(size: int) -> None:
        for call in calls:
            call()
        adam.move()

    taken = partial(Captures(torch.Generator(device)).call, step) if captures(device) else step

    def epoch() -> None:
        for _ in range(len(train) // settings["batch_size"]):
            taken(settings["batch_size"])

    return epoch


def _calls(model: nn.Module, batch: Batch) -> Iterator[Callable[[], object]]:
    """What computes the forward and the backward pass of each layer of a model, given its input."""
    taken: list[tuple[nn.Module, Tensor, Tensor]] = []
    hooks = [
        module.register_forward_hook(lambda of, given, out: taken.append((of, given[0], out)))
        for module in model.modules()
        if isinstance(module, PRODUCTS)
    ]
    posterior = model.posterior(batch.noisy)
    model.decode(posterior.mean)
    for hook in hooks:
        hook.remove()
    for index, (layer, given, out) in enumerate(taken):
        given, wanted = given.detach(), index > 0  # images need no gradient
        gradient = torch.randn_like(out)
        yield (_product if isinstance(layer, nn.Linear) else _convolution)(
            layer, given, gradient, wanted
        )


def _product(
    layer: nn.Linear, given: Tensor, gradient: Tensor, wanted: bool
) -> Callable[[], tuple[Tensor, Tensor | None, Tensor]]:
    """Gives what comes out of a layer, and the gradients of its input and weights."""

    def both() -> tuple[Tensor, Tensor | None, Tensor]:
        out = torch.addmm(layer.bias, given, layer.weight.t())
        return out, gradient @ layer.weight if wanted else None, gradient.t() @ given

    return both


def _convolution(
    layer: nn.Module, given: Tensor, gradient: Tensor, wanted: bool
) -> Callable[[], tuple[Tensor, Tensor | None, Tensor]]:
    """As `_product`."""
    transposed = isinstance(layer, nn.ConvTranspose2d)
    added = layer.output_padding if transposed else (0, 0)
    how = layer.stride, layer.padding, layer.dilation, transposed, added, 1
    sizes, needed = [layer.bias.numel()], [wanted, True, True]

    def both() -> tuple[Tensor, Tensor | None, Tensor]:
        out = torch.ops.aten.convolution(given, layer.weight, layer.bias, *how)
        backward = torch.ops.aten.convolution_backward
        return out, *backward(gradient, given, layer.weight, sizes, *how, needed)[:2]

    return both


def seconds(epoch: Callable[[], object]) -> float:
    began = time.perf_counter()
    epoch()
    return time.perf_counter() - began


@contextmanager
def peer(name: str, config: Mapping[str, Any]) -> Iterator[Callable[[], float]]:
    """A process that trains an epoch of the same network at each line that it is sent.

    It answers with the seconds of it.
    """
    widths, settings = config["model"]["hidden"], config["training"]
    numbers = map(str, (settings["batch_size"], config["model"]["latent"], *widths))
    script = ROOT / f"benchmarks/peers/with_{name}.py"
    command = [PEERS / "bin/python", script, config["file"], *numbers]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:

        def epoch() -> float:
            process.stdin.write("\n")
            process.stdin.flush()
            while not (line := process.stdout.readline()).startswith("seconds "):
                if not line:
                    sys.exit(f"error: {script} ended.")
            return float(line.split()[1])

        yield epoch
        process.stdin.close()


def install() -> None:
    """The peers in an environment of their own, which finds torch and the rest in this one."""
    if (PEERS / "installed").exists():
        return
    subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    library = Path("lib", f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages")
    (PEERS / library / "project.pth").write_text(f"{Path(sys.prefix) / library}\n")
    subprocess.run([PEERS / "bin/python", "-m", "pip", "install", *PACKAGES], check=True)
    (PEERS / "installed").touch()


def ratios(config: Mapping[str, Any]) -> dict[str, list[float]]:
    """Of each that is timed, its seconds over those of the layers, a number for each round."""
    train = Batch.of(read_images(config["file"]), torch.device("cpu"))
    alone = layers(config, train)
    timed = {"ours": ours(config, train)}
    with ExitStack() as peers:
        waiting: dict[str, Callable[[], float]] = {}
        if config["body"] == "mlp":
            timed["loop"] = tutorial(config, train)
            waiting = {name: peers.enter_context(peer(name, config)) for name in NAMES}
        found: dict[str, list[float]] = {name: [] for name in (*timed, *waiting)}
        for number in range(ROUNDS + 1):
            of_layers = seconds(alone)
            took = {name: seconds(epoch) for name, epoch in timed.items()}
            took |= {name: epoch() for name, epoch in waiting.items()}
            if number:  # the first is to get warm
                for name, value in took.items():
                    found[name].append(value / of_layers)
    return found


def main() -> None:
    install()
    prepare("cpu", 1)
    columns = ("ours", "loop", *NAMES)
    print(f"| variant | batch | {' | '.join(columns)} |\n| --- | --- |{' --- |' * len(columns)}")
    for variant, config in prepared(sys.argv[1:] or VARIANTS).items():
        found = ratios(config)
        cells = [
            f"{statistics.median(of):.2f} ({min(of):.2f}-{max(of):.2f})" if of else ""
            for of in (found.get(column) for column in columns)
        ]
        size = config["training"]["batch_size"]
        print(f"| {variant} | {size} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
