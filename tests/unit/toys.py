"""Small configurations, images and models for the tests of more than one module."""

from pathlib import Path

import torch
from torch import nn

from vaepipe.core.files import write_json
from vaepipe.judges.classifier import Classifier, Judge
from vaepipe.machine.device import prepare
from vaepipe.measures.reference import Reference
from vaepipe.measures.subject import Subject
from vaepipe.models.batch import Batch
from vaepipe.models.kinds.classifier import Classifier as Network
from vaepipe.models.kinds.vae import VAE
from vaepipe.models.likelihoods import categorical
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.saved import Model
from vaepipe.models.weights import save_weights


def config(**training) -> dict:
    """A resolved configuration of a small VAE on images of 4 x 4 pixels."""
    defaults = {
        "l2": 0.001,
        "epochs": 4,
        "noise": "fixed",
        "schedule": "constant",
        "epsilon": 1e-8,
        "beta": 1.0,
        "seeds": [3, 5],
        "batch_losses": False,
        "snapshots": 0,
        "batch_size": 16,
        "learning_rate": 0.01,
        "warmup_epochs": 2,
        "device": "cpu",
        "threads": 1,
    }
    return {
        "variant": "vae_x",
        "study": "letters",
        "kind": "vae",
        "body": "mlp",
        "objective": "elbo",
        "likelihood": "bernoulli",
        "data": {"pixels": "grey", "noise": "gaussian", "level": 0.2},
        "shape": [4, 4],
        "classes": ["A", "B"],
        "model": {"latent": 2, "hidden": [8], "activation": "relu"},
        "training": defaults | training,
    }


def splits() -> tuple[Batch, Batch]:
    """90 images of two classes, the top or the bottom half brighter, and the first 20 of them."""
    prepare("cpu", 1)
    labels = torch.arange(90) % 2
    bright = torch.zeros(2, 16)
    bright[0, :8] = bright[1, 8:] = 0.4
    drawn = torch.rand(90, 16, generator=torch.Generator().manual_seed(0))
    clean = (0.8 * drawn + bright[labels]).clip(0, 1).round()
    train = Batch(0.9 * clean, clean, labels)
    return train, train[:20]


JUDGE = {"channels": [2, 2], "features": 4, "dropout": 0.0}


def save_judge(folder: Path, shape: tuple[int, int]) -> None:
    """The files of an untrained judge of two classes, and of an attribute of two values."""
    names = ("judge", "attribute_hat")
    weights = {name: Classifier(shape, 2, JUDGE).state_dict() for name in names}
    save_weights(folder / "model.safetensors", weights)
    facts = {"shape": shape, "classes": ["A", "B"], "settings": JUDGE}
    facts["attributes"] = {"hat": {"classes": ["cap", "none"], "accuracy": 0.5}}
    write_json(folder / "judge.json", facts | {"scale": 1.0, "accuracy": 0.5, "majority": 0.5})


def subject(model: Model, train: Batch, test: Batch, settings: dict) -> Subject:
    """With an untrained judge, which reads half of the clean images, and so many samples."""
    torch.manual_seed(0)
    judge = Judge(Classifier(model.shape, 3, JUDGE), scale=2.0, accuracy=0.5)
    count = settings.get("samples", len(test))
    reference = Reference.of(judge, test, count, settings.get("seed", 0))
    return Subject(model, train, test, judge, reference, settings)


def linear_model(pixels: int, latent: int, shape: tuple[int, ...]) -> Model:
    """A VAE of two random linear maps."""
    torch.manual_seed(0)
    network = VAE(nn.Linear(pixels, 2 * latent), nn.Linear(latent, pixels), latent)
    return Model(network, Likelihood(), shape)


def linear_classifier(pixels: int, classes: int, shape: tuple[int, ...]) -> Model:
    """A classifier of one random linear map."""
    torch.manual_seed(0)
    return Model(Network(nn.Linear(pixels, classes)), categorical.Likelihood(), shape)
