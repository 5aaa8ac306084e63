"""How a study's variants are drawn and compared."""

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vaepipe.config.fields import Name, Section, unique
from vaepipe.config.training import Measure


class Figures(Section):
    colormap: Literal["gray_r", "gray", "viridis", "cividis", "magma"]
    width: Annotated[float, Field(ge=10, le=17)]


class Comparison(Section):
    baseline: Name
    measures: Annotated[list[Measure], Field(min_length=1), AfterValidator(unique)]


def check_baseline(study: str, baseline: str, variants: Collection[str]) -> None:
    """Raises ValueError that names the key if the baseline is no variant of the study."""
    if baseline not in variants:
        raise ValueError(
            f"studies.{study}.comparison.baseline: '{baseline}' is not in studies.{study}.variants"
        )
