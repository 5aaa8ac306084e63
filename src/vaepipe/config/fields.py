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


def _project_path(path: str) -> str:
    inside = Path(path).parts[:2] in (SAMPLES.parts, RAW.parts) and ".." not in Path(path).parts
    if not inside:
        raise ValueError(f"must be a relative path under {SAMPLES}/ or {RAW}/")
    if set(path) & set("{}"):
        raise ValueError("must not hold braces, which Snakemake and DVC would fill in")
    return path


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Device = Literal["auto", "cpu", "cuda"]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Positive = Annotated[int, Field(gt=0)]
Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveReal = Annotated[float, Field(gt=0, allow_inf_nan=False)]
DataFile = Annotated[str, AfterValidator(_project_path)]
Characters = Annotated[
    str,
    StringConstraints(min_length=1, pattern=r"^[0-9A-Za-z]+$"),
    AfterValidator(lambda text: "".join(unique(list(text)))),
]
Names = Annotated[list[Name], AfterValidator(unique)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
