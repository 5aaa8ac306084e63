"""The network of a variant in Pythae, as its documentation shows: see training.py.

Arguments: a file of images of 28 x 28, batch size, latents, widths of the encoder.
"""

import sys
import tempfile
import time
from pathlib import Path

import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback

from vaepipe.datasets.images import read_images
from vaepipe.models.bodies import mlp

torch.set_num_threads(1)
batch_size, latent, *hidden = map(int, sys.argv[2:])
SHAPE = (28, 28)


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.layers = mlp.encoder(SHAPE, 2 * latent, hidden, "relu")

    def forward(self, images):
        mean, log_variance = self.layers(images.flatten(1)).chunk(2, dim=-1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        self.layers = mlp.decoder(latent, SHAPE, 1, hidden, "relu")

    def forward(self, z):
        return ModelOutput(reconstruction=torch.sigmoid(self.layers(z)).reshape(-1, 1, *SHAPE))


class AtALine(TrainingCallback):
    """An epoch begins when a line is read, and ends with a line of its seconds."""

    def on_epoch_begin(self, training_config, **_):
        if not sys.stdin.readline():
            sys.exit()
        self.began = time.perf_counter()

    def on_epoch_end(self, training_config, **_):
        print("seconds", time.perf_counter() - self.began, flush=True)


clean = torch.tensor(read_images(Path(sys.argv[1])).pixels["clean"]).reshape(-1, 1, *SHAPE)
with tempfile.TemporaryDirectory() as folder:
    config = BaseTrainerConfig(
        output_dir=folder,
        num_epochs=1000,
        learning_rate=0.003,
        per_device_train_batch_size=batch_size,
        optimizer_cls="Adam",
        no_cuda=True,
    )
    model = VAE(
        VAEConfig(input_dim=(1, *SHAPE), latent_dim=latent, reconstruction_loss="bce"),
        Encoder(),
        Decoder(),
    )
    data = BaseDataset(clean, torch.zeros(len(clean)))
    BaseTrainer(model, data, training_config=config, callbacks=[AtALine()]).train()
