"""Judges of attributes, such as a colour of hair: a classifier each, beside that of the class."""

from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from vaepipe.core.files import Form, read_json
from vaepipe.judges.classifier import FACTS, WEIGHTS, Classifier, Judge, Settings, Shape
from vaepipe.models.weights import load_weights


class Attribute(Form):
    classes: Annotated[list[str], Field(min_length=2)]
    accuracy: Annotated[float, Field(ge=0, le=1)]


class Facts(Form):
    """A file judge.json, as to attributes."""

    shape: Shape
    settings: Settings
    attributes: dict[str, Attribute]


class AttributeJudge(NamedTuple):
    """A judge whose classes are the values of an attribute, in this order."""

    judge: Judge
    values: tuple[str, ...]

    def look(self, images: Tensor) -> np.ndarray:
        """How probable it takes each value to be in images (n, pixels), (n, values) float64."""
        return self.judge.probabilities(images).double().cpu().numpy()

    def indices(self, told: np.ndarray) -> np.ndarray:
        """The values that images have, strings (n,), as indices (n,)."""
        return np.array([self.values.index(value) for value in told.tolist()])


def attribute_key(name: str) -> str:
    """The key of its weights, apart from that of the class, `judge`."""
    return f"attribute_{name}"


def read_attribute_judges(folder: Path, device: torch.device) -> dict[str, AttributeJudge]:
    """The judges of attributes in a folder, by their names; none if it has none.

    Raises InputError if its files are damaged or do not fit. Their features have no scale.
    """
    facts = read_json(folder / FACTS, Facts)
    found = {}
    for name, of in facts["attributes"].items():
        arguments = facts["shape"], len(of["classes"]), facts["settings"]
        network = load_weights(
            folder / WEIGHTS, attribute_key(name), lambda given=arguments: Classifier(*given), FACTS
        )
        judge = Judge(network.to(device), scale=1.0, accuracy=of["accuracy"])
        found[name] = AttributeJudge(judge, tuple(of["classes"]))
    return found
