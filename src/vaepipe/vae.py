"""A variational autoencoder, and its file: safetensors, with the configuration beside it."""

from collections.abc import Mapping
from pathlib import Path

import safetensors.torch
import torch
from torch import Tensor, nn

from vaepipe.errors import InputError
from vaepipe.files import read_arrays, read_json
from vaepipe.objectives import Likelihood, Posterior
from vaepipe.registry import BODIES, LIKELIHOODS

WEIGHTS = "model.safetensors"
CONFIG = "config.json"


class VAE(nn.Module):
    """Encoder and decoder (Kingma & Welling 2014) over images as rows of pixels in [0, 1]."""

    def __init__(
        self,
        encoder: nn.Module,
        decoder: nn.Module,
        likelihood: Likelihood,
        latent: int,
    ):
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.likelihood = likelihood
        self.latent = latent

    def posterior(self, images: Tensor) -> Posterior:
        """q(z | x) of images (n, pixels)."""
        return Posterior(*self.encoder(images).chunk(2, dim=-1))

    def forward(self, images: Tensor, noise: Tensor) -> tuple[Tensor, Posterior]:
        """The decoder's raw output (n, pixels) at a sample of the posterior, and the posterior."""
        posterior = self.posterior(images)
        return self.decoder(posterior.sample(noise)), posterior

    @torch.no_grad()
    def encode(self, images: Tensor) -> Tensor:
        """The posterior means (n, latent) of images (n, pixels)."""
        return self.posterior(images).mean

    @torch.no_grad()
    def decode(self, z: Tensor) -> Tensor:
        """The images (n, pixels) in [0, 1] of latents (n, latent)."""
        return self.likelihood.mean(self.decoder(z))

    def reconstruct(self, images: Tensor) -> Tensor:
        """The images decoded from the posterior means, (n, pixels) in [0, 1]."""
        return self.decode(self.encode(images))

    def sample(self, count: int, seed: int) -> Tensor:
        """Images (count, pixels) in [0, 1], decoded from draws of the prior N(0, I)."""
        noise = torch.randn(count, self.latent, generator=torch.Generator().manual_seed(seed))
        return self.decode(noise.to(next(self.parameters()).device))


def build_vae(config: Mapping) -> VAE:
    """An untrained model from a resolved configuration, with its `shape` of images."""
    pixels = torch.Size(config["shape"]).numel()
    encoder, decoder = BODIES[config["body"]](pixels, **config["model"])
    likelihood = LIKELIHOODS[config["training"]["likelihood"]]()
    return VAE(encoder, decoder, likelihood, config["model"]["latent"])


def save_weights(path: Path, weights: Mapping[int, Mapping[str, Tensor]]) -> None:
    """Write the weights of each seed under the keys `seed-<seed>/<parameter>`."""
    tensors = {
        f"seed-{seed}/{name}": tensor.contiguous().cpu()
        for seed, state in weights.items()
        for name, tensor in state.items()
    }
    path.write_bytes(safetensors.torch.save(tensors))


def load(folder: str | Path, seed: int | None = None) -> VAE:
    """The trained model in a folder such as results/letters/models/vae_20, on the CPU.

    Takes the first seed if none is named. Raises InputError if the folder's files are missing or
    corrupt, or hold no such seed.
    """
    folder = Path(folder)
    config = read_json(folder / CONFIG)
    seeds = config["training"]["seeds"]
    seed = seeds[0] if seed is None else seed
    if seed not in seeds:
        raise InputError(f"{folder}: has no seed {seed}; it has {', '.join(map(str, seeds))}.")
    tensors = read_arrays(folder / WEIGHTS)
    prefix = f"seed-{seed}/"
    model = build_vae(config)
    try:
        model.load_state_dict(
            {
                name.removeprefix(prefix): torch.from_numpy(array)
                for name, array in tensors.items()
                if name.startswith(prefix)
            }
        )
    except RuntimeError as error:
        raise InputError(
            f"{folder / WEIGHTS}: does not fit {CONFIG} beside it ({str(error).splitlines()[0]}). "
            "Delete the folder and train again."
        ) from error
    return model.eval()
