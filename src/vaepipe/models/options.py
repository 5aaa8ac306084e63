"""Which settings of a model are its body's."""

from collections.abc import Mapping
from typing import Any

OTHERS = ("latent", "latent_activation", "dense", "dropout", "deviation")
"""What the kind and the likelihood read."""


def of_body(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What a body is built with, of the section `model` of a configuration; null is left out."""
    return {
        key: value for key, value in settings.items() if key not in OTHERS and value is not None
    }
