"""The judge of each data set."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field

from vaepipe.config.fields import (
    ClassName,
    Device,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Threads,
    unique,
)

Width = Annotated[int, Field(gt=0, le=10_000)]


class Judge(Section):
    attributes: Annotated[list[ClassName], AfterValidator(unique)]
    channels: Annotated[list[Width], Field(min_length=2, max_length=2)]
    features: Width
    dropout: Annotated[float, Field(ge=0, lt=1)]
    batch_size: Positive
    learning_rate: PositiveReal
    validation: Annotated[float, Field(gt=0, lt=1)]
    epochs: Positive
    patience: Positive
    seed: Seed
    device: Device
    threads: Threads


def check(judges: Iterable[str], datasets: Iterable[str]) -> None:
    """Raises ValueError that names the key where a data set has no judge, or a judge none."""
    judges, datasets = list(judges), list(datasets)
    for name in datasets:
        if name not in judges:
            raise ValueError(f"judges: the data set '{name}' has none; add a block '{name}'")
    for name in judges:
        if name not in datasets:
            raise ValueError(
                f"judges.{name}: there is no data set of that name; name one, or remove the block"
            )
