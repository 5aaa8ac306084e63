"""What params.yaml may say of the study `cartoons`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vaepipe.config import comparison, training
from vaepipe.config.comparison import Comparison, check_baseline
from vaepipe.config.fields import (
    ClassName,
    Device,
    Draws,
    Name,
    Names,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Sheet,
    Threads,
    Title,
    Widths,
    rising,
    unique,
)
from vaepipe.config.training import AnyFitting, Evaluation, Seeds

Deviations = Annotated[list[PositiveReal], Field(min_length=1, max_length=4), rising("deviation")]


class Model(Section):
    filters: Widths
    deviation: PositiveReal | None


class Training(AnyFitting):
    """What both runs share."""

    noise: Literal["fixed", "fresh"]
    schedule: Literal["constant", "burda_2016", "exponential"]
    beta: PositiveReal
    draws: Draws
    seeds: Seeds


class Analysis(Section):
    deviations: Deviations
    prior_samples: Sheet
    pictures: Annotated[int, Field(ge=1, le=10)]
    pairs: Annotated[int, Field(ge=1, le=10_000)]
    steps: Annotated[int, Field(ge=3, le=100)]
    draws: Annotated[list[Draws], Field(min_length=2, max_length=20), rising("number")]
    repeats: Annotated[int, Field(ge=2, le=10_000)]
    images: Positive
    seed: Seed
    device: Device
    threads: Threads


class Claim(Section):
    """That most or few samples show one of these values of an attribute."""

    attribute: ClassName
    values: Annotated[list[ClassName], Field(min_length=1), AfterValidator(unique)]
    says: Literal["most", "few"]


class Attributes(Section):
    samples: Annotated[int, Field(ge=2, le=100_000)]
    deviations: Deviations
    seed: Seed
    device: Device
    threads: Threads


class Figures(comparison.Figures):
    moving_average: Positive


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1, max_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Training
    evaluation: Evaluation
    analysis: Analysis
    attributes: Attributes
    claims: dict[Name, Claim]
    figures: Figures
    comparison: Comparison


class VariantModel(Section):
    latent: Annotated[int, Field(ge=2, le=10**6)]


class VariantTraining(Section):
    epochs: Positive
    batch_size: Positive
    learning_rate: PositiveReal
    last_learning_rate: PositiveReal | None


class Variant(training.Variant):
    study: Literal["cartoons"]
    body: Literal["conv", "pool"]
    objective: Literal["sgvb"]
    model: VariantModel
    training: VariantTraining


class Report(Section):
    title: Title


def check(
    study: Study,
    variants: Mapping[str, Variant],
    report: Report,
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Raises ValueError that names the key where parts of the study do not meet.

    `variants` are the study's own; `classes` are those of each data set.
    """
    for name, variant in variants.items():
        _check_schedule(name, variant.training, study.training.schedule)
        if (variant.likelihood == "gaussian") == (study.model.deviation is None):
            wanted = "a number" if study.model.deviation is None else "null"
            raise ValueError(
                f"studies.cartoons.model.deviation: must be {wanted} with the likelihood "
                f"{variant.likelihood} of variants.{name}"
            )
    likelihoods = {variant.likelihood: name for name, variant in variants.items()}
    if len(likelihoods) > 1:
        raise ValueError(
            f"variants: {' and '.join(likelihoods.values())} of the study cartoons differ in their "
            f"likelihood ({', '.join(likelihoods)}), so their losses cannot be compared; use one"
        )
    for key, needed in (("snapshots", "reconstructions"), ("batch_losses", "the loss by batches")):
        if not getattr(study.training, key):
            raise ValueError(
                f"studies.cartoons.training.{key}: is needed, since the report shows {needed}"
            )
    if study.analysis.pictures > study.analysis.pairs:
        raise ValueError(
            f"studies.cartoons.analysis.pictures: of {study.analysis.pairs} pairs, "
            f"{study.analysis.pictures} cannot be shown"
        )
    check_baseline("cartoons", study.comparison.baseline, study.variants)


def _check_schedule(name: str, fitting: VariantTraining, schedule: str) -> None:
    """Raises ValueError if a variant has not what the schedule of its learning rate reads."""
    key = f"variants.{name}.training"
    if (schedule == "exponential") == (fitting.last_learning_rate is None):
        wanted = "a number" if fitting.last_learning_rate is None else "null"
        raise ValueError(f"{key}.last_learning_rate: must be {wanted} with the schedule {schedule}")
    if schedule == "exponential" and fitting.epochs < 2:
        raise ValueError(
            f"{key}.epochs: must be at least 2 with the schedule exponential, whose rate is "
            "`learning_rate` in the first and `last_learning_rate` in the last"
        )
