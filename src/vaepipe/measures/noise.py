"""How a model that was trained with one level of noise denoises images with more or less of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.datasets.noise import add_noise
from vaepipe.models.distances import psnr

if TYPE_CHECKING:
    from vaepipe.models.saved import Model


def noisy_at(clean: Tensor, settings: Mapping[str, Any]) -> dict[float, Tensor]:
    """Images (n, pixels) with noise of the data set's kind at each of the levels.

    The settings are the section `evaluation` of the study, with those of the data set as `data`.
    """
    kind, seed = settings["data"]["noise"], settings["seed"]
    return {
        level: torch.from_numpy(
            add_noise(clean.cpu().numpy(), kind, level, np.random.default_rng([seed, number]))
        ).to(clean.device)
        for number, level in enumerate(settings["noise_levels"])
    }


def sweep(model: "Model", noisy: Mapping[float, Tensor], clean: Tensor) -> list[float]:
    """The PSNR in dB of what is decoded from the posterior means, a mean over images per level."""
    return [psnr(model.decode_pixels(model.encode(images)), clean) for images in noisy.values()]
