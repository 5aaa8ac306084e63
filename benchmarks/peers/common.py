"""What the scripts of peers share: arguments, network, a tutorial's loss, epochs at a line."""

import sys
import time
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from vaepipe.datasets.images import read_images
from vaepipe.models.bodies import mlp

SHAPE = (28, 28)
LEARNING_RATE = 0.003


def arguments() -> tuple[dict[str, Tensor], int, int, nn.Module, nn.Module]:
    """Clean and noisy images (n, pixels), batch size, latents, encoder and decoder.

    Of the command line: a file of images of 28 x 28, batch size, latents, widths of the encoder.
    """
    images = {name: torch.tensor(of) for name, of in read_images(Path(sys.argv[1])).pixels.items()}
    batch_size, latent, *hidden = map(int, sys.argv[2:])
    encoder = mlp.encoder(SHAPE, 2 * latent, hidden, "relu")
    return images, batch_size, latent, encoder, mlp.decoder(latent, SHAPE, 1, hidden, "relu")


def loss(model: nn.Module, noisy: Tensor, clean: Tensor) -> Tensor:
    """The negative ELBO as tutorials write it, a mean over images."""
    mean, log_variance = model.posterior(noisy)
    output = model.decode(mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean))
    total = functional.binary_cross_entropy_with_logits(output, clean, reduction="sum")
    total = total - 0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
    return total / len(clean)


class AtALine:
    """An epoch begins when a line is read, and ends with a line of its seconds."""

    def begin(self) -> None:
        if not sys.stdin.readline():
            sys.exit()
        self._began = time.perf_counter()

    def end(self) -> None:
        print("seconds", time.perf_counter() - self._began, flush=True)
