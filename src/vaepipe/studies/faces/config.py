"""What params.yaml may say of the study `faces`."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import Field

from vaepipe.config.comparison import Comparison, Figures, check_baseline
from vaepipe.config.fields import (
    MILLION,
    Device,
    Name,
    Names,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Threads,
    Title,
    Widths,
    rising,
)
from vaepipe.config.training import (
    AnyFitting,
    AnyVariant,
    Evaluation,
    ObjectiveTraining,
    Seeds,
    check_objective,
)

OBJECTIVES = {"vae": {"elbo", "monte_carlo"}, "autoencoder": {"squared_error"}}
"""What each kind may be trained for."""

Alpha = Annotated[float, Field(ge=0, le=1)]


class Model(Section):
    deviation: PositiveReal


class Training(AnyFitting):
    noise: Literal["fixed", "fresh"]
    schedule: Literal["constant", "burda_2016"]


class Analysis(Section):
    pictures: Positive
    changed: Annotated[int, Field(ge=2, le=10)]
    alphas: Annotated[list[Alpha], Field(min_length=2, max_length=10)]
    pairs: Positive
    seed: Seed
    device: Device
    threads: Threads


class Anomaly(Section):
    """Which images are none of the data set's, and what they are told apart by."""

    dataset: Name
    autoencoder: Name
    vae: Name
    images: Positive
    components: Positive
    importance_samples: Positive
    resamples: Annotated[int, Field(ge=100, le=100_000)]
    pictures: Positive
    seed: Seed
    device: Device
    threads: Threads


class Contrast(Section):
    """Which autoencoder and which VAE are held side by side."""

    autoencoder: Name
    vae: Name
    images: Annotated[int, Field(ge=2, le=MILLION)]
    samples: Positive
    multiples: Annotated[list[PositiveReal], Field(min_length=1, max_length=10), rising("multiple")]
    steps: Annotated[int, Field(ge=3, le=20)]
    pictures: Positive
    seed: Seed
    device: Device
    threads: Threads


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1, max_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Training
    evaluation: Evaluation
    analysis: Analysis
    anomaly: Anomaly
    contrast: Contrast
    figures: Figures
    comparison: Comparison


class VariantModel(Section):
    latent: Annotated[int, Field(ge=2, le=10**6)]
    latent_activation: Literal["relu", "norm_relu"] | None
    hidden: Widths


class VariantTraining(ObjectiveTraining):
    epochs: Positive
    seeds: Seeds


class Variant(AnyVariant):
    study: Literal["faces"]
    kind: Literal["vae", "autoencoder"]
    body: Literal["dense_norm"]
    likelihood: Literal["centred_gaussian"]
    model: VariantModel
    training: VariantTraining


class Report(Section):
    title: Title


def beside(study: Mapping[str, Any]) -> list[str]:
    """Data sets that a study of these settings reads, but trains no variant on."""
    return [study["anomaly"]["dataset"]]


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
        _check_variant(name, variant)
    alphas = study.analysis.alphas
    if alphas != sorted(set(alphas), reverse=True) or alphas[0] != 1:
        raise ValueError("studies.faces.analysis.alphas: must fall from 1, each number once")
    check_baseline("faces", study.comparison.baseline, study.variants)
    for section, kind in product(("anomaly", "contrast"), ("autoencoder", "vae")):
        name = getattr(getattr(study, section), kind)
        if name not in variants or variants[name].kind != kind:
            raise ValueError(
                f"studies.faces.{section}.{kind}: '{name}' is no variant of the study of the kind "
                f"{kind}"
            )
    if study.anomaly.dataset not in classes or study.anomaly.dataset in study.datasets:
        raise ValueError(
            f"studies.faces.anomaly.dataset: '{study.anomaly.dataset}' must be a data set of "
            "params.yaml, and none of the study's"
        )


def _check_variant(name: str, variant: Variant) -> None:
    """Raises ValueError if the parts or settings of a variant do not belong to its kind."""
    if variant.objective not in OBJECTIVES[variant.kind]:
        raise ValueError(
            f"variants.{name}.objective: of the kind {variant.kind} it must be "
            f"{' or '.join(sorted(OBJECTIVES[variant.kind]))}, not {variant.objective}"
        )
    check_objective(name, variant.objective, variant.training)
    if variant.model.latent_activation and variant.kind != "autoencoder":
        raise ValueError(
            f"variants.{name}.model.latent_activation: must be null with the kind {variant.kind}"
        )
    if (variant.training.warmup_epochs or 0) > variant.training.epochs:
        raise ValueError(
            f"variants.{name}.training.warmup_epochs: {variant.training.warmup_epochs} are more "
            f"than its {variant.training.epochs} epochs, so the weight of the KL would never reach "
            "its full value"
        )
