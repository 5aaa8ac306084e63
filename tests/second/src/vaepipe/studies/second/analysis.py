"""What the figures of the study `second` are drawn from: samples of the prior."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model


def analyse(
    models: Sequence[Model], train: Batch, test: Batch, kind: Kind, settings: Mapping[str, Any]
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    samples = models[0].sample(settings["samples"], settings["seed"]).flatten(1)
    return {"samples": samples.numpy()}, {"shape": list(kind.shape)}
