"""Types of keys in params.yaml. There are no defaults: DVC could not see one change."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

SAMPLES = Path("data/sample")
RAW = Path("data/raw")


def unique(items: list) -> list:
    if len(set(items)) < len(items):
        raise ValueError("an entry stands twice")
    return items


def rising(what: str) -> AfterValidator:
    """Lists of what is named so must rise, and hold nothing twice."""

    def check(items: list) -> list:
        if sorted(set(items)) != items:
            raise ValueError(f"must rise, each {what} once")
        return items

    return AfterValidator(check)


def _project_path(path: str) -> str:
    inside = Path(path).parts[:2] in (SAMPLES.parts, RAW.parts) and ".." not in Path(path).parts
    if not inside:
        raise ValueError(f"must be a relative path under {SAMPLES}/ or {RAW}/")
    if Path(path).as_posix() != path:
        raise ValueError(f"must be written plainly, as {Path(path).as_posix()}")
    if set(path) & set("{}"):
        raise ValueError("must not hold braces, which Snakemake and DVC would fill in")
    return path


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Activation = Literal["relu", "tanh"]
Device = Literal["auto", "cpu", "cuda"]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
MILLION = 10**6
"""No number of epochs, images or units that is meant comes near; a slip of the hand does."""
Positive = Annotated[int, Field(gt=0, le=MILLION)]
Count = Annotated[int, Field(ge=0, le=MILLION)]
PerClass = Annotated[int, Field(gt=0, le=100_000)]
"""Images of a class: the letters of EMNIST have 5600 (Cohen et al. 2017)."""
Pictures = Annotated[int, Field(gt=0, le=100_000)]
"""Of a part of a sample: Google's Cartoon Set has 100,000 in all."""
Draws = Annotated[int, Field(gt=0, le=100_000)]
"""Importance samples: 5000 are many."""
Threads = Annotated[int, Field(gt=0, le=1024)]
"""Of one process: the largest machines have some hundreds of cores."""
SheetSide = Annotated[int, Field(gt=0, le=100)]
"""Images side by side: on a page they are then 1.6 mm wide."""
Sheet = Annotated[int, Field(gt=0, le=100**2)]
"""Images of a square sheet."""
Side = Annotated[int, Field(gt=0, le=1024)]
"""Pixels of an image."""
Share = Annotated[float, Field(ge=0, le=1)]
PositiveReal = Annotated[float, Field(gt=0, le=MILLION, allow_inf_nan=False)]
DataFile = Annotated[str, AfterValidator(_project_path)]
Characters = Annotated[
    str,
    StringConstraints(min_length=1, pattern=r"^[0-9A-Za-z]+$"),
    AfterValidator(lambda text: "".join(unique(list(text)))),
]
ClassName = Annotated[
    str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z-][\w .,()+-]*$")
]
"""Of images; what draws labels takes other signs for formulas or leaves them out."""
Title = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Widths = Annotated[list[Positive], Field(min_length=1, max_length=100)]
"""Of the layers of a body."""
Names = Annotated[list[Name], AfterValidator(unique)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
