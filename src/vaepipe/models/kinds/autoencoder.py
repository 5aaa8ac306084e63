"""The deterministic autoencoder (Hinton & Salakhutdinov 2006)."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from vaepipe.models import options


class Autoencoder(nn.Module):
    """Encoder and decoder over images as rows of pixels in [0, 1]."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent: int):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = latent

    def code(self, images: Tensor) -> Tensor:
        """The latents (n, latent) of images (n, pixels), with their gradient."""
        return self.encoder(images)

    def decode(self, z: Tensor) -> Tensor:
        """The decoder's raw output (…, pixels) for latents (…, latent)."""
        return self.decoder(z.reshape(-1, self.latent)).reshape(*z.shape[:-1], -1)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """The latents (n, latent) of images (n, pixels)."""
        return self.code(images)


def build(body: ModuleType, outputs: int, config: Mapping[str, Any]) -> Autoencoder:
    """An untrained model; the decoder gives so many outputs of each pixel.

    Latents pass through a ReLU where `latent_activation` says so, and are then never below 0. Their
    biases begin at 1, lest a latent be 0 for all images from the start and have no gradient; with
    norm_relu they are normalised before it (Ioffe & Szegedy 2015), which has the same effect.
    """
    shape, settings = config["shape"], config["model"]
    latent, given = settings["latent"], options.of_body(settings)
    encoder = body.encoder(shape, latent, **given)
    if settings["latent_activation"] == "relu":
        *_, bias = encoder.parameters()
        nn.init.ones_(bias)
        encoder = nn.Sequential(encoder, nn.ReLU())
    elif settings["latent_activation"] == "norm_relu":
        encoder = nn.Sequential(encoder, nn.BatchNorm1d(latent), nn.ReLU())
    return Autoencoder(encoder, body.decoder(latent, shape, outputs, **given), latent)
