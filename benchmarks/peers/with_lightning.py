"""The network of a variant in Lightning, as its documentation shows: see training.py.

Arguments: a file of images of 28 x 28, batch size, latents, widths of the encoder.
"""

import sys
import time
from pathlib import Path

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from vaepipe.datasets.images import read_images
from vaepipe.models.bodies import mlp
from vaepipe.models.kinds.vae import VAE

torch.set_num_threads(1)
batch_size, latent, *hidden = map(int, sys.argv[2:])
SHAPE = (28, 28)


class Module(LightningModule):
    def __init__(self):
        super().__init__()
        encoder = mlp.encoder(SHAPE, 2 * latent, hidden, "relu")
        self.vae = VAE(encoder, mlp.decoder(latent, SHAPE, 1, hidden, "relu"), latent)

    def training_step(self, batch, index):
        noisy, clean = batch
        mean, log_variance = self.vae.posterior(noisy)
        output = self.vae.decode(mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean))
        loss = functional.binary_cross_entropy_with_logits(output, clean, reduction="sum")
        loss = loss - 0.5 * torch.sum(1 + log_variance - mean.pow(2) - log_variance.exp())
        self.log("loss", loss / len(clean))
        return loss / len(clean)

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), 0.003)


class AtALine(Callback):
    """An epoch begins when a line is read, and ends with a line of its seconds."""

    def on_train_epoch_start(self, trainer, module):
        if not sys.stdin.readline():
            sys.exit()
        self.began = time.perf_counter()

    def on_train_epoch_end(self, trainer, module):
        print("seconds", time.perf_counter() - self.began, flush=True)


pixels = read_images(Path(sys.argv[1])).pixels
images = TensorDataset(torch.tensor(pixels["noisy"]), torch.tensor(pixels["clean"]))
loader = DataLoader(images, batch_size, shuffle=True)
trainer = Trainer(
    max_epochs=-1,
    accelerator="cpu",
    callbacks=[AtALine()],
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
)
trainer.fit(Module(), loader)
