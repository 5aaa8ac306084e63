"""A reproducible data-and-model pipeline for variational autoencoders."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vaepipe.vae import VAE


def load(folder: str, seed: int | None = None) -> "VAE":
    """The trained model in a folder such as results/letters/models/vae_20; see vaepipe.vae.load."""
    from vaepipe import vae

    return vae.load(folder, seed)
