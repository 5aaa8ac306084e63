"""The variational autoencoder (Kingma & Welling 2014)."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from vaepipe.models import options
from vaepipe.models.normal import Posterior, kl_per_latent

BATCH = 100
"""Images at a time, where all are averaged over; sums depend on it."""


class VAE(nn.Module):
    """Encoder and decoder over images as rows of pixels in [0, 1]."""

    def __init__(self, encoder: nn.Module, decoder: nn.Module, latent: int):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.latent = latent

    def posterior(self, images: Tensor) -> Posterior:
        """q(z | x) of images (n, pixels)."""
        return Posterior(*self.encoder(images).chunk(2, dim=-1))

    def decode(self, z: Tensor) -> Tensor:
        """The decoder's raw output (…, pixels) for latents (…, latent)."""
        return self.decoder(z.reshape(-1, self.latent)).reshape(*z.shape[:-1], -1)

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """The posterior means (n, latent) of images (n, pixels)."""
        return self.posterior(images).mean

    @torch.no_grad()
    def mean_kl(self, images: Tensor) -> Tensor:
        """The KL of each latent in nats, averaged over images (n, pixels): (latent,)."""
        parts = [kl_per_latent(self.posterior(some)) for some in images.split(BATCH)]
        return torch.cat(parts).mean(0)


def build(body: ModuleType, outputs: int, config: Mapping[str, Any]) -> VAE:
    """An untrained model; the encoder gives means and log variances, side by side.

    The decoder gives so many outputs of each pixel.
    """
    shape, settings = config["shape"], config["model"]
    latent, given = settings["latent"], options.of_body(settings)
    encoder = body.encoder(shape, 2 * latent, **given)
    return VAE(encoder, body.decoder(latent, shape, outputs, **given), latent)
