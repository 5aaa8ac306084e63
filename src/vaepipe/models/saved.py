"""Trained models: assembled from their parts, in safetensors files, used by people."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_json
from vaepipe.models.batch import in_blocks
from vaepipe.models.weights import load_weights

WEIGHTS = "model.safetensors"
CONFIG = "config.json"

Images = np.ndarray | Tensor

Module = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Network(Form):
    latent: int | None


class Training(Form):
    seeds: Annotated[list[int], Field(min_length=1)]


class Config(Form):
    """A file config.json. What a body takes of `model` is checked when it is built."""

    study: Module
    kind: Module
    body: Module
    likelihood: Module
    shape: Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=1)]
    model: Network
    training: Training


def import_parts(config: Mapping[str, Any]) -> tuple[ModuleType, ModuleType, ModuleType]:
    """The modules of the kind, the body and the likelihood that a configuration names."""
    return (
        import_module(f"vaepipe.models.kinds.{config['kind']}"),
        import_module(f"vaepipe.models.bodies.{config['body']}"),
        import_module(f"vaepipe.models.likelihoods.{config['likelihood']}"),
    )


def build_network(config: Mapping[str, Any]) -> nn.Module:
    """An untrained network from a resolved configuration, with `shape` and `classes`."""
    kind, body, likelihood = import_parts(config)
    return kind.build(body, likelihood.Likelihood.outputs, config)


def build_likelihood(config: Mapping[str, Any]):
    """What the outputs of a configuration's network stand for."""
    likelihood, deviation = import_parts(config)[2].Likelihood, config["model"].get("deviation")
    return likelihood() if deviation is None else likelihood(deviation)


class Model:
    """A trained model of images (n, *shape): numpy or torch in, torch out.

    Images may be rows of pixels (n, pixels) too, uint8 or floats in [0, 1]. What no model of its
    kind does raises InputError: a classifier only classifies, and an autoencoder, which has no
    prior, has no samples.
    """

    def __init__(self, network: nn.Module, likelihood, shape: tuple[int, ...]):
        self.network = network
        self.likelihood = likelihood
        self.shape = shape

    @torch.no_grad()
    def encode(self, images: Images) -> Tensor:
        """The latents (n, latent); of a VAE the posterior means."""
        self._check_able("encode")
        return in_blocks(self.network.encode, self._pixels(images))

    @torch.no_grad()
    def decode(self, z: Images) -> Tensor:
        """The images (n, *shape) in [0, 1] of latents (n, latent)."""
        self._check_able("decode")
        z = torch.as_tensor(z, dtype=torch.float32, device=self._device)
        if z.ndim != 2 or z.shape[1] != self.network.latent:
            raise InputError(
                f"latents must be (n, {self.network.latent}), but these are {tuple(z.shape)}."
            )
        return self.decode_pixels(z).unflatten(-1, self.shape)

    def reconstruct(self, images: Images) -> Tensor:
        """The images decoded from their latents, (n, *shape) in [0, 1]."""
        return self.decode(self.encode(images))

    def sample(self, count: int, seed: int) -> Tensor:
        """Images (count, *shape) in [0, 1], decoded from draws of the prior N(0, I)."""
        self._check_able("posterior")
        generator = torch.Generator().manual_seed(seed)
        return self.decode(torch.randn(count, self.network.latent, generator=generator))

    @torch.no_grad()
    def decode_pixels(self, z: Tensor) -> Tensor:
        """Rows of pixels (…, pixels) in [0, 1] of latents (…, latent) on the model's device."""
        rows = z.reshape(-1, z.shape[-1])
        pixels = in_blocks(lambda some: self.likelihood.mean(self.network.decode(some)), rows)
        return pixels.reshape(*z.shape[:-1], -1)

    @torch.no_grad()
    def classify(self, images: Images) -> Tensor:
        """The probability of each class, (n, classes)."""
        self._check_able("classify")
        outputs = in_blocks(self.network.classify, self._pixels(images))
        return self.likelihood.mean(outputs)

    def to(self, device: torch.device) -> "Model":
        """The model itself, moved."""
        self.network.to(device)
        return self

    def _check_able(self, task: str) -> None:
        """Raises InputError if the network does no such thing."""
        if not hasattr(self.network, task):
            raise InputError(f"a model of the kind {type(self.network).__name__} has no {task}.")

    @property
    def _device(self) -> torch.device:
        return next(self.network.parameters()).device

    def _pixels(self, images: Images) -> Tensor:
        """Rows of pixels in [0, 1]; raises InputError for what cannot be meant."""
        images = torch.as_tensor(images, device=self._device)
        pixels = torch.Size(self.shape).numel()
        if images.ndim < 1 or tuple(images.shape[1:]) not in ((pixels,), self.shape):
            wanted = ", ".join(map(str, self.shape))
            raise InputError(
                f"images must be (n, {pixels}) or (n, {wanted}), but these are "
                f"{tuple(images.shape)}."
            )
        rows = images.reshape(len(images), pixels)
        if rows.dtype == torch.uint8:
            return rows.float() / 255
        if not rows.is_floating_point():
            raise InputError(f"images must be uint8 or floats, but these are {rows.dtype}.")
        if not ((rows >= 0) & (rows <= 1)).all():
            raise InputError(
                "images of floats must lie in [0, 1], but these do not: give 0..255 as uint8, or "
                "divide by 255."
            )
        return rows.float()


def read_config(folder: Path) -> dict[str, Any]:
    """The configuration beside a trained model; raises InputError if it is missing or damaged."""
    return read_json(folder / CONFIG, Config)


def load(folder: str | Path, seed: int | None = None) -> Model:
    """The trained model in a folder such as results/letters/models/vae_20, on the CPU.

    Takes the first seed if none is named. Raises InputError if the folder's files are missing or
    corrupt, do not fit each other, or hold no such seed.
    """
    folder = Path(folder)
    config = read_config(folder)
    seeds = config["training"]["seeds"]
    seed = seeds[0] if seed is None else seed
    if seed not in seeds:
        raise InputError(f"{folder}: has no seed {seed}; it has {', '.join(map(str, seeds))}.")
    network = load_weights(
        folder / WEIGHTS, f"seed-{seed}", lambda: build_network(config), built_from=CONFIG
    )
    return Model(network.eval(), build_likelihood(config), tuple(config["shape"]))
