"""What params.yaml may say of the study `denoise`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vaepipe.config import comparison, training
from vaepipe.config.comparison import Figures
from vaepipe.config.fields import (
    Device,
    Names,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Threads,
    Title,
    Widths,
    rising,
    unique,
)
from vaepipe.config.training import (
    AnyVariant,
    ClassifierMeasure,
    Fitting,
    Measure,
    ObjectiveTraining,
    check_objective,
    check_warmup,
)

OBJECTIVES = {
    "vae": {"elbo", "sgvb", "monte_carlo", "iwae", "mmd"},
    "autoencoder": {"squared_error"},
    "classifier": {"cross_entropy"},
}
"""What each kind may be trained for."""
METHODS = ("noisy", "mean_image", "median", "pca", "clean")
"""Names of what denoises that is no variant."""
USES = {"vae": {"latent"}, "autoencoder": {"latent"}, "classifier": {"dense", "dropout"}}
"""What each kind reads of the model, where it must be a number."""


Level = Annotated[float, Field(gt=0, le=1)]
AnyMeasure = Measure | ClassifierMeasure
"""A variant has those of its kind."""


class Model(Section):
    filters: Widths


class Evaluation(training.Evaluation):
    headline: Annotated[list[AnyMeasure], Field(min_length=1, max_length=6), AfterValidator(unique)]


class Analysis(Section):
    pictures: Positive
    grid_side: Annotated[int, Field(ge=2, le=50)]
    neighbours: Positive
    mistakes: Positive
    seed: Seed
    device: Device
    threads: Threads


class Denoising(Section):
    """Which models denoise, how, and which images."""

    autoencoders: Names
    trained: Names
    decoders: Annotated[Names, Field(min_length=1)]
    components: Positive
    images: Positive
    sweep_images: Positive
    levels: Annotated[list[Level], Field(min_length=2, max_length=20), rising("level")]
    steps: Positive
    learning_rate: PositiveReal
    starts: Positive
    pictures: Positive
    seed: Seed
    device: Device
    threads: Threads


class Comparison(comparison.Comparison):
    measures: Annotated[list[AnyMeasure], Field(min_length=1), AfterValidator(unique)]


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1, max_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Fitting
    evaluation: Evaluation
    analysis: Analysis
    denoising: Denoising
    figures: Figures
    comparison: Comparison


class VariantModel(Section):
    latent: Annotated[int, Field(ge=2, le=10**6)] | None
    latent_activation: Literal["relu"] | None
    dense: Positive | None
    dropout: Annotated[float, Field(ge=0, lt=1)] | None
    deviation: PositiveReal | None


class VariantTraining(ObjectiveTraining):
    """With `noise` none it sees clean images; with null for the others it trains to the end."""

    noise: Literal["fixed", "fresh", "none"]
    validation: Annotated[float, Field(gt=0, lt=1)] | None
    patience: Positive | None


class Variant(AnyVariant):
    study: Literal["denoise"]
    body: Literal["conv", "pool"]
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
        _check_variant(name, variant, study)
    _check_methods(study.denoising, variants)
    if study.training.snapshots:
        raise ValueError(
            "studies.denoise.training.snapshots: must be 0, since classifiers reconstruct nothing"
        )
    baseline = variants.get(study.comparison.baseline)
    if baseline is None or (baseline.kind, baseline.model.latent) != ("autoencoder", 2):
        raise ValueError(
            f"studies.denoise.comparison.baseline: '{study.comparison.baseline}' is no variant of "
            "the study of the kind autoencoder with two latents, whose plane the chapter shows"
        )


def _check_methods(denoising: Denoising, variants: Mapping[str, Variant]) -> None:
    """Raises ValueError if a model cannot denoise in the way in which it is asked to."""
    wanted = {
        "autoencoders": ({"autoencoder"}, {"none"}),
        "trained": ({"autoencoder", "vae"}, {"fixed", "fresh"}),
        "decoders": ({"vae"}, {"none"}),
    }
    for key, (kinds, noises) in wanted.items():
        for name in getattr(denoising, key):
            if name in METHODS or name.startswith("map_"):
                raise ValueError(
                    f"studies.denoise.denoising.{key}: '{name}' is what another method is called; "
                    "give the variant another name"
                )
            variant = variants.get(name)
            if variant is None or variant.kind not in kinds:
                raise ValueError(
                    f"studies.denoise.denoising.{key}: '{name}' is no variant of the study of the "
                    f"kind {' or '.join(sorted(kinds))}"
                )
            if variant.training.noise not in noises:
                raise ValueError(
                    f"studies.denoise.denoising.{key}: variants.{name}.training.noise must be "
                    f"{' or '.join(sorted(noises))}, not {variant.training.noise}"
                )


def _check_variant(name: str, variant: Variant, study: Study) -> None:
    """Raises ValueError if the parts or settings of a variant do not belong to its kind."""
    kind, model, fitting = variant.kind, variant.model, variant.training
    if variant.objective not in OBJECTIVES[kind]:
        raise ValueError(
            f"variants.{name}.objective: of the kind {kind} it must be "
            f"{' or '.join(sorted(OBJECTIVES[kind]))}, not {variant.objective}"
        )
    if (variant.likelihood == "categorical") != (kind == "classifier"):
        raise ValueError(
            f"variants.{name}.likelihood: categorical is that of the kind classifier and no other"
        )
    check_objective(name, variant.objective, fitting)
    for key in ("latent", "dense", "dropout"):
        used = key in USES[kind]
        if used == (getattr(model, key) is None):
            raise ValueError(
                f"variants.{name}.model.{key}: must {'not ' if used else ''}be null with the kind "
                f"{kind}"
            )
    if model.latent_activation and kind != "autoencoder":
        raise ValueError(
            f"variants.{name}.model.latent_activation: must be null with the kind {kind}"
        )
    if (variant.likelihood == "gaussian") == (model.deviation is None):
        raise ValueError(
            f"variants.{name}.model.deviation: must be "
            f"{'a number' if model.deviation is None else 'null'} with the likelihood "
            f"{variant.likelihood}"
        )
    if (fitting.validation is None) != (fitting.patience is None):
        raise ValueError(
            f"variants.{name}.training: validation and patience must both be numbers, or both null"
        )
    check_warmup(name, fitting.warmup_epochs, "denoise", study.training.epochs)
