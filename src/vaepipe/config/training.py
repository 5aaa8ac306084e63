"""Variants and what a study's variants share: parts, training, evaluation."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vaepipe.config.fields import (
    MILLION,
    Count,
    Device,
    Draws,
    Name,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Share,
    Threads,
    rising,
    unique,
)

Kind = Literal["vae", "autoencoder", "classifier"]
Body = Literal["mlp", "conv", "pool", "dense_norm"]
VAEObjective = Literal["elbo", "sgvb", "monte_carlo", "iwae", "mmd"]
Objective = Literal[VAEObjective, "squared_error", "cross_entropy"]
PixelLikelihood = Literal[
    "bernoulli",
    "continuous_bernoulli",
    "gaussian",
    "centred_gaussian",
    "learned_gaussian",
    "discretised_logistic",
]
Likelihood = Literal[PixelLikelihood, "categorical"]
Measure = Literal[
    "elbo",
    "iw_bound",
    "iw_bound_tenth",
    "reconstruction",
    "kl",
    "effective_samples",
    "train_elbo",
    "train_gap",
    "active_units",
    "informative_latents",
    "prior_discrepancy",
    "mse",
    "psnr",
    "ssim",
    "legibility",
    "frechet",
    "kernel_distance",
    "density",
    "coverage",
    "sharpness",
    "knn_accuracy",
]
"""Of a VAE."""
ClassifierMeasure = Literal[
    "accuracy",
    "cross_entropy",
    "train_cross_entropy",
    "cross_entropy_gap",
    "calibration_error",
]


Levels = Annotated[list[Share], Field(max_length=20), rising("level")]


class AnyVariant(Section):
    """What every variant names: a module of that name in vaepipe.models stands for each part."""

    study: Name
    dataset: Name
    kind: Kind
    body: Body
    objective: Objective
    likelihood: Likelihood


class Variant(AnyVariant):
    """Of a study of VAEs alone."""

    kind: Literal["vae"]
    objective: VAEObjective
    likelihood: PixelLikelihood


Seeds = Annotated[list[Seed], Field(min_length=1, max_length=1000), AfterValidator(unique)]


class AnyFitting(Section):
    """What the variants of every study share."""

    l2: Annotated[float, Field(ge=0, le=MILLION, allow_inf_nan=False)]
    epsilon: PositiveReal
    batch_losses: bool
    snapshots: Count
    device: Device
    threads: Threads


class Fitting(AnyFitting):
    """That of a study whose variants are trained for as many epochs, with the same seeds."""

    epochs: Positive
    schedule: Literal["constant", "burda_2016"]
    seeds: Seeds


class Training(Fitting):
    """That of a study whose variants see images with noise, and are trained to the end."""

    noise: Literal["fixed", "fresh"]


class VariantTraining(Section):
    batch_size: Positive
    learning_rate: PositiveReal
    warmup_epochs: Count


class ObjectiveTraining(Section):
    """That of a study whose variants have different objectives: null is what one does not use."""

    batch_size: Positive
    learning_rate: PositiveReal
    beta: PositiveReal | None
    warmup_epochs: Count | None
    draws: Draws | None
    mmd_weight: PositiveReal | None


USES = {
    "elbo": {"beta", "warmup_epochs"},
    "sgvb": {"beta", "draws"},
    "monte_carlo": {"beta", "warmup_epochs", "draws"},
    "iwae": {"draws"},
    "mmd": {"mmd_weight"},
    "squared_error": set(),
    "cross_entropy": set(),
}
"""What each objective reads of these."""


def check_objective(name: str, objective: str, training: ObjectiveTraining) -> None:
    """Raises ValueError that names the key of a variant which is null, or not, against USES."""
    for key in sorted(set().union(*USES.values())):
        used, value = key in USES[objective], getattr(training, key)
        if used == (value is None):
            wanted = "a number" if used else "null"
            raise ValueError(
                f"variants.{name}.training.{key}: must be {wanted} with the objective {objective}"
            )


def check_warmup(name: str, warmup: int | None, study: str, epochs: int) -> None:
    """Raises ValueError if the KL of a variant is warmed up for longer than a study trains."""
    if (warmup or 0) > epochs:
        raise ValueError(
            f"variants.{name}.training.warmup_epochs: {warmup} are more than the {epochs} of "
            f"studies.{study}.training.epochs, so the weight of the KL would never reach its full "
            "value"
        )


class Evaluation(Section):
    importance_samples: Draws
    neighbours: Positive
    samples: Positive
    noise_levels: Levels
    active_threshold: PositiveReal
    informative_kl: PositiveReal
    headline: Annotated[list[Measure], Field(min_length=1, max_length=6), AfterValidator(unique)]
    seed: Seed
    device: Device
    threads: Threads
