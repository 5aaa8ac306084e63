"""What params.yaml may say of the study `second`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from vaepipe.config.fields import Activation, Device, Names, Positive, PositiveReal, Section, Seed
from vaepipe.config.training import Evaluation, VariantTraining
from vaepipe.config.training import Training as AnyTraining
from vaepipe.config.training import Variant as AnyVariant


class Model(Section):
    latent: Positive
    activation: Activation


class Training(AnyTraining):
    beta: PositiveReal


class Analysis(Section):
    samples: Positive
    seed: Seed
    device: Device
    threads: Positive


class Figures(Section):
    colormap: Literal["gray_r", "gray"]
    width: PositiveReal


class Study(Section):
    datasets: Annotated[Names, Field(min_length=1)]
    variants: Annotated[Names, Field(min_length=1)]
    model: Model
    training: Training
    evaluation: Evaluation
    analysis: Analysis
    figures: Figures


class VariantModel(Section):
    hidden: Annotated[list[Positive], Field(min_length=1)]


class Variant(AnyVariant):
    study: Literal["second"]
    model: VariantModel
    training: VariantTraining


class Report(Section):
    title: Annotated[str, Field(min_length=1)]


def check(
    study: Study,
    variants: Mapping[str, Variant],
    report: Report,
    classes: Mapping[str, Sequence[str]],
) -> None:
    """Nothing can be wrong."""
