"""What params.yaml may say of the study `letters`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vaepipe.config.comparison import Comparison, Figures, check_baseline
from vaepipe.config.fields import (
    Activation,
    Characters,
    Device,
    Names,
    Positive,
    PositiveReal,
    Section,
    Seed,
    Sheet,
    SheetSide,
    Threads,
    Title,
    Widths,
    unique,
)
from vaepipe.config.training import Evaluation, VariantTraining, check_warmup
from vaepipe.config.training import Training as AnyTraining
from vaepipe.config.training import Variant as AnyVariant


class Model(Section):
    hidden: Widths
    activation: Activation


class Training(AnyTraining):
    beta: PositiveReal


class Analysis(Section):
    characters: Characters
    sheet_side: SheetSide
    prior_samples: Sheet
    traversal_steps: Annotated[int, Field(ge=2, le=100)]
    traversal_span: Annotated[float, Field(gt=0, le=100)]
    seed: Seed
    device: Device
    threads: Threads


class Baselines(Section):
    components: Annotated[list[Positive], AfterValidator(unique)]
    threads: Threads


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Training
    evaluation: Evaluation
    baselines: Baselines
    analysis: Analysis
    figures: Figures
    comparison: Comparison


class VariantModel(Section):
    latent: Positive


class Variant(AnyVariant):
    study: Literal["letters"]
    body: Literal["mlp"]
    objective: Literal["elbo"]
    likelihood: Literal["bernoulli", "continuous_bernoulli"]
    model: VariantModel
    training: VariantTraining


class Report(Section):
    title: Title
    traversals: Names
    samples: Names
    sheets: Names


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
        check_warmup(name, variant.training.warmup_epochs, "letters", study.training.epochs)
    used = {variant.dataset: name for name, variant in variants.items()}
    if len(used) > 1:
        raise ValueError(
            f"variants: {' and '.join(used.values())} of the study letters use different data "
            f"sets ({', '.join(used)}), so their measures cannot be compared; use one"
        )
    likelihoods = {variant.likelihood: name for name, variant in variants.items()}
    if len(likelihoods) > 1:
        raise ValueError(
            f"variants: {' and '.join(likelihoods.values())} of the study letters use different "
            f"likelihoods ({', '.join(likelihoods)}), so their bounds cannot be compared; use one"
        )
    if len(study.evaluation.noise_levels) < 2:
        raise ValueError("studies.letters.evaluation.noise_levels: must be two at the least")
    for dataset in used:
        missing = set(study.analysis.characters) - set(classes[dataset])
        if missing:
            raise ValueError(
                f"studies.letters.analysis.characters: {''.join(sorted(missing))} not among the "
                f"classes of the data set {dataset}"
            )
    for key in ("traversals", "samples", "sheets"):
        for name in getattr(report, key):
            if name not in study.variants:
                raise ValueError(
                    f"report.letters.{key}: '{name}' is not in studies.letters.variants"
                )
    check_baseline("letters", study.comparison.baseline, study.variants)
