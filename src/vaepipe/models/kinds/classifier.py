"""The classifier: the encoder of a body, a dense layer, a layer of classes (LeCun et al. 1998)."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from torch import Tensor, nn

from vaepipe.models import options


class Classifier(nn.Module):
    """What it sees in images, rows of pixels in [0, 1], is a number for each class."""

    def __init__(self, encoder: nn.Module):
        super().__init__()
        self.encoder = encoder

    def classify(self, images: Tensor) -> Tensor:
        """The raw output (n, classes) for images (n, pixels)."""
        return self.encoder(images)


def build(body: ModuleType, outputs: int, config: Mapping[str, Any]) -> Classifier:
    """An untrained model with `dense` units before the last layer, which has one a class.

    Of the dense units that share is dropped in training that `dropout` says (Srivastava et al.
    2014). A likelihood of classes asks one output of each.
    """
    settings = config["model"]
    seen = body.encoder(config["shape"], settings["dense"], **options.of_body(settings))
    classes = nn.Linear(settings["dense"], outputs * len(config["classes"]))
    parts = seen, nn.ReLU(), nn.Dropout(settings["dropout"]), classes
    return Classifier(nn.Sequential(*parts))
