"""The judge: a convolutional classifier of small images, its features, and its files."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from vaepipe.core.files import Form, read_json
from vaepipe.models import maps
from vaepipe.models.batch import in_blocks
from vaepipe.models.weights import load_weights

WEIGHTS = "model.safetensors"
FACTS = "judge.json"


Shape = Annotated[list[Annotated[int, Field(gt=0)]], Field(min_length=2, max_length=3)]


class Settings(Form):
    channels: Annotated[list[int], Field(min_length=2, max_length=2)]
    features: int
    dropout: float


class Facts(Form):
    """A file judge.json."""

    shape: Shape
    classes: Annotated[list[str], Field(min_length=1)]
    settings: Settings
    scale: Annotated[float, Field(gt=0)]
    accuracy: Annotated[float, Field(ge=0, le=1)]


class Classifier(nn.Module):
    """Two convolutions with pooling, a layer of features, a layer of classes (LeCun et al. 1998).

    With ReLU, after the pooling (the same numbers as before it, of a quarter of the values), and
    dropout (Srivastava et al. 2014).
    """

    def __init__(self, shape: Sequence[int], classes: int, settings: Mapping[str, Any]):
        super().__init__()
        height, width, colours = maps.sides(shape)
        first, second = settings["channels"]
        self.features = nn.Sequential(
            *maps.from_rows(height, width, colours),
            nn.Conv2d(colours, first, 5, padding=2),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Conv2d(first, second, 3, padding=1),
            nn.MaxPool2d(2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(settings["dropout"]),
            nn.Linear(second * (height // 4) * (width // 4), settings["features"]),
            nn.ReLU(),
        )
        self.classes = nn.Sequential(
            nn.Dropout(settings["dropout"]), nn.Linear(settings["features"], classes)
        )

    def forward(self, images: Tensor) -> Tensor:
        """The logits (n, classes) of images (n, pixels) in [0, 1]."""
        return self.classes(self.features(images))


class Judge:
    """A trained classifier on a device, which looks at images (n, pixels) in [0, 1]."""

    def __init__(self, network: Classifier, scale: float, accuracy: float):
        self.network = network.eval()
        self.scale = scale
        """The root mean square of its features over the clean training images."""
        self.accuracy = accuracy
        """The share of the clean test images that it names rightly."""

    @torch.no_grad()
    def features(self, images: Tensor) -> np.ndarray:
        """What it sees in images before it decides on a class, (n, features) float64.

        Divided by the scale, so that distances of different judges are of one magnitude.
        """
        return in_blocks(self.network.features, images).double().cpu().numpy() / self.scale

    @torch.no_grad()
    def probabilities(self, images: Tensor) -> Tensor:
        """How probable it takes each class to be, (n, classes)."""
        return in_blocks(self.network, images).softmax(-1)

    @torch.no_grad()
    def name(self, images: Tensor) -> Tensor:
        """The classes (n,) that it takes images for, as indices."""
        return in_blocks(self.network, images).argmax(-1)

    def right(self, images: Tensor, labels: Tensor) -> float:
        """The share of images that it takes for the classes (n,) that their labels name."""
        return (self.name(images) == labels).double().mean().item()


def majority(labels: Tensor) -> float:
    """The share of the commonest class, which is right of one that always names it."""
    return labels.bincount().max().item() / len(labels)


def read_judge(folder: Path, device: torch.device) -> Judge:
    """The judge in a folder; raises InputError if its files are damaged or do not fit."""
    facts = read_json(folder / FACTS, Facts)
    arguments = facts["shape"], len(facts["classes"]), facts["settings"]
    network = load_weights(folder / WEIGHTS, "judge", lambda: Classifier(*arguments), FACTS)
    return Judge(network.to(device), facts["scale"], facts["accuracy"])
