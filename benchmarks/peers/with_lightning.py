"""The network of a variant in Lightning, as its documentation shows: see training.py."""

import torch
from common import LEARNING_RATE, AtALine, arguments, loss
from lightning.pytorch import Callback, LightningModule, Trainer
from torch.utils.data import DataLoader, TensorDataset

from vaepipe.models.kinds.vae import VAE

images, batch_size, latent, encoder, decoder = arguments()


class Module(LightningModule):
    def __init__(self):
        super().__init__()
        self.vae = VAE(encoder, decoder, latent)

    def training_step(self, batch, index):
        of_batch = loss(self.vae, *batch)
        self.log("loss", of_batch)
        return of_batch

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), LEARNING_RATE)


class Epochs(AtALine, Callback):
    def on_train_epoch_start(self, trainer, module):
        self.begin()

    def on_train_epoch_end(self, trainer, module):
        self.end()


loader = DataLoader(TensorDataset(images["noisy"], images["clean"]), batch_size, shuffle=True)
trainer = Trainer(
    max_epochs=-1,
    accelerator="cpu",
    callbacks=[Epochs()],
    logger=False,
    enable_checkpointing=False,
    enable_progress_bar=False,
)
trainer.fit(Module(), loader)
