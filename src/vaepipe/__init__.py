"""A reproducible data-and-model pipeline for variational autoencoders."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from vaepipe.datasets.images import Split
    from vaepipe.models.denoising import Denoised
    from vaepipe.models.saved import Images, Model

__all__ = ["data", "denoise", "load", "results"]


def data(dataset: str, split: str = "test", folder: str | Path = "data/processed") -> "Split":
    """A split, "train" or "test", of a data set of params.yaml that the pipeline has prepared.

    Raises InputError if its file is missing or corrupt.
    """
    from vaepipe.datasets.images import read_split

    return read_split(Path(folder, dataset, f"{split}.parquet"))


def denoise(
    model: "Model",
    images: "Images",
    level: float,
    *,
    steps: int = 1000,
    learning_rate: float = 0.05,
    starts: int = 4,
    seed: int = 0,
) -> "Denoised":
    """Images (n, *shape) as the model would decode them without normal noise of deviation `level`.

    By search for the most probable latent of each; see models.denoising. Raises InputError for
    what cannot be meant.
    """
    from vaepipe.models import denoising

    return denoising.denoise(model, images, level, steps, learning_rate, starts, seed)


def load(folder: str | Path, seed: int | None = None) -> "Model":
    """The trained model in a folder such as results/letters/models/vae_20; see models.saved."""
    from vaepipe.models import saved

    return saved.load(folder, seed)


def results(study: str, folder: str | Path = "results") -> "pd.DataFrame":
    """The measures of a study as a table: study, variant, seed, measure, value.

    Raises InputError if no variant of it is evaluated.
    """
    from vaepipe.measures.table import read_results

    return read_results(study, Path(folder, study, "evaluations"))
