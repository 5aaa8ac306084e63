"""A reproducible data-and-model pipeline for variational autoencoders."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from vaepipe.datasets.images import Split
    from vaepipe.models.saved import Model

__all__ = ["data", "load", "results"]


def data(dataset: str, split: str = "test", folder: str | Path = "data/processed") -> "Split":
    """A split, "train" or "test", of a data set of params.yaml that the pipeline has prepared.

    Raises InputError if its file is missing or corrupt.
    """
    from vaepipe.datasets.images import read_split

    return read_split(Path(folder, dataset, f"{split}.parquet"))


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
