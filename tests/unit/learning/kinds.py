"""Further kinds of model that a test trains, and what two trainings have in common."""

import pytest
import torch
from torch import nn
from torch.nn import functional


class Autoencoder(nn.Module):
    """Codes that are no distribution, and layers with running statistics."""

    def __init__(self, pixels: int, latent: int):
        super().__init__()
        self.latent = latent
        self.encoder = nn.Sequential(nn.Linear(pixels, latent), nn.BatchNorm1d(latent))
        self.decode = nn.Sequential(nn.Linear(latent, pixels))

    def encode(self, images):
        return self.encoder(images)


class SquaredError:
    columns = ("squared_error",)
    unit = "squared pixels"

    def __init__(self, likelihood, settings):
        self.likelihood = likelihood

    def terms(self, model, batch, generator):
        found = self.likelihood.mean(model.decode(model.encode(batch.noisy)))
        return (((found - batch.clean) ** 2).sum(-1),)

    def loss(self, means, step, epoch_steps):
        return means[0]


class CrossEntropy:
    """Of the labels; it notes the mode of the model and the steps that it is asked for."""

    columns = ("cross_entropy", "confidence")
    unit = "nats"
    calls: list
    steps: list

    def __init__(self, likelihood, settings):
        self.rate = settings["learning_rate"]

    def terms(self, model, batch, generator):
        self.calls.append((model.training, torch.is_grad_enabled(), len(batch)))
        logits = model(batch.clean)
        confidence = -0.01 * functional.log_softmax(logits, -1).mean(-1)
        return functional.cross_entropy(logits, batch.labels, reduction="none"), confidence

    def loss(self, means, step, epoch_steps):
        self.steps.append((step, epoch_steps))
        return means[0] + means[1]


def build_autoencoder(body, outputs, config):
    return Autoencoder(torch.Size(config["shape"]).numel(), config["model"]["latent"])


def build_classifier(body, outputs, config):
    return nn.Sequential(
        nn.Linear(torch.Size(config["shape"]).numel(), 8),
        nn.BatchNorm1d(8),
        nn.ReLU(),
        nn.Dropout(config["model"]["dropout"]),
        nn.Linear(8, 2),
    )


AUTOENCODER = {"kind": "autoencoder", "objective": "squared_error", "model": {"latent": 3}}
CLASSIFIER = {"kind": "classifier", "objective": "cross_entropy", "model": {"dropout": 0.5}}
KINDS = pytest.mark.parametrize(
    "kind", [{}, AUTOENCODER, CLASSIFIER], ids=["vae", "autoencoder", "classifier"]
)
RECORDED = {"batch_losses": True, "snapshots": 3}
"""A classifier has no images to keep."""


def assert_same(first, second):
    """Weights, running statistics, both tables and the snapshots, to the last bit."""
    assert first.history == second.history
    assert first.batches == second.batches
    found, other = first.weights, second.weights
    assert found.keys() == other.keys()
    assert all(torch.equal(found[s][n], other[s][n]) for s in found for n in found[s])
    assert first.snapshots.keys() == second.snapshots.keys()
    for seed, images in first.snapshots.items():
        assert (images == second.snapshots[seed]).all()
