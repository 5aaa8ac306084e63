"""What params.yaml may say of a study of generative models of images in classes."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from vaepipe.config.comparison import Comparison, Figures, check_baseline
from vaepipe.config.fields import (
    Activation,
    Device,
    Draws,
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
)
from vaepipe.config.training import (
    Evaluation,
    ObjectiveTraining,
    Training,
    check_objective,
    check_warmup,
)
from vaepipe.config.training import Variant as AnyVariant


class Model(Section):
    deviation: PositiveReal | None


USES = {"conv": {"filters"}, "pool": {"filters"}, "mlp": {"hidden", "activation"}}
"""What each body reads of the model."""


class Analysis(Section):
    walk_steps: Annotated[int, Field(ge=2, le=100)]
    grid_side: Annotated[int, Field(ge=2, le=50)]
    prior_samples: Sheet
    draws: Annotated[list[Draws], Field(min_length=2, max_length=20), rising("number")]
    repeats: Annotated[int, Field(ge=2, le=10_000)]
    images: Positive
    neighbours: Positive
    seed: Seed
    device: Device
    threads: Threads


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Training
    evaluation: Evaluation
    analysis: Analysis
    figures: Figures
    comparison: Comparison


class VariantModel(Section):
    latent: Annotated[int, Field(ge=2, le=10**6)]
    filters: Widths | None
    hidden: Widths | None
    activation: Activation | None


class Variant(AnyVariant):
    model: VariantModel
    training: ObjectiveTraining


class Report(Section):
    title: Title


def check(
    name: str,
    study: Study,
    variants: Mapping[str, Variant],
    report: Report,
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Raises ValueError that names the key where parts of the study of that name do not meet.

    `variants` are the study's own; `classes` are those of each data set.
    """
    key = f"studies.{name}"
    for variant_name, variant in variants.items():
        check_objective(variant_name, variant.objective, variant.training)
        _check_model(key, variant_name, variant, study.model)
        check_warmup(variant_name, variant.training.warmup_epochs, name, study.training.epochs)
    for part in ("dataset", "likelihood"):
        used = {getattr(variant, part): of for of, variant in variants.items()}
        if len(used) > 1:
            raise ValueError(
                f"variants: {' and '.join(used.values())} of the study {name} differ in their "
                f"{part} ({', '.join(used)}), so their bounds cannot be compared; use one"
            )
    if study.training.snapshots < 1:
        raise ValueError(
            f"{key}.training.snapshots: must be at least 1, since the report shows what is "
            "reconstructed after each epoch"
        )
    check_baseline(name, study.comparison.baseline, study.variants)


def _check_model(study: str, name: str, variant: Variant, model: Model) -> None:
    """Raises ValueError if the model's settings are not those that body and likelihood read."""
    for key in sorted(set().union(*USES.values())):
        used = key in USES[variant.body]
        if used == (getattr(variant.model, key) is None):
            raise ValueError(
                f"variants.{name}.model.{key}: must {'not ' if used else ''}be null with the body "
                f"{variant.body}"
            )
    if (variant.likelihood == "gaussian") == (model.deviation is None):
        raise ValueError(
            f"{study}.model.deviation: must be {'a number' if model.deviation is None else 'null'} "
            f"with the likelihood {variant.likelihood} of variants.{name}"
        )
