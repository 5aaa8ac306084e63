"""The network of a variant in Pythae, as its documentation shows: see training.py."""

import tempfile

import torch
from common import LEARNING_RATE, SHAPE, AtALine, arguments
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback

images, batch_size, latent, encoder, decoder = arguments()


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.layers = encoder

    def forward(self, pixels):
        mean, log_variance = self.layers(pixels.flatten(1)).chunk(2, dim=-1)
        return ModelOutput(embedding=mean, log_covariance=log_variance)


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        self.layers = decoder

    def forward(self, z):
        return ModelOutput(reconstruction=torch.sigmoid(self.layers(z)).reshape(-1, 1, *SHAPE))


class Epochs(AtALine, TrainingCallback):
    def on_epoch_begin(self, training_config, **_):
        self.begin()

    def on_epoch_end(self, training_config, **_):
        self.end()


clean = images["clean"].reshape(-1, 1, *SHAPE)
with tempfile.TemporaryDirectory() as folder:
    config = BaseTrainerConfig(
        output_dir=folder,
        num_epochs=1000,
        learning_rate=LEARNING_RATE,
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
    BaseTrainer(model, data, training_config=config, callbacks=[Epochs()]).train()
