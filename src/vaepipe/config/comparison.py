"""How a study's variants are drawn and compared."""

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
