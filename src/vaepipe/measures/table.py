"""The measures of a study as one tidy table, and what stands beside them in its comparison."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
from pydantic import Field, create_model, model_validator

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_json
from vaepipe.measures.catalogue import OF_KIND
from vaepipe.measures.seeds import spread

PARTS = ("kind", "body", "objective", "likelihood")


class Assembled(Form):
    """A file config.json, of which each study reads more."""

    kind: str
    body: str
    objective: str
    likelihood: str
    parameters: int


class VAEMeasures(Form):
    """A file seeds.json of a VAE, of which `read_results` reads the rest."""

    measures: create_model("Measures", __base__=Form, **dict.fromkeys(OF_KIND["vae"], dict))


class Values(Form):
    values: list[float]


class Summary(Form):
    """A file seeds.json."""

    seeds: Annotated[list[int], Field(min_length=1)]
    measures: dict[str, Values]

    @model_validator(mode="after")
    def _a_value_for_each_seed(self) -> "Summary":
        for name, measure in self.measures.items():
            if len(measure.values) != len(self.seeds):
                raise ValueError(f"{name} has not one value for each seed")
        return self


def read_results(study: str, evaluations: Path) -> pd.DataFrame:
    """A row for each measure of each seed of each variant in a folder of evaluations.

    Columns: study, variant, seed, measure, value. Raises InputError if there is none, or if a
    file is damaged.
    """
    files = sorted(evaluations.glob("*/seeds.json"))
    if not files:
        raise InputError(f"{evaluations}: holds no evaluated variant of the study '{study}'.")
    rows = [
        (study, file.parent.name, seed, measure, value)
        for file in files
        for summary in [read_json(file, Summary)]
        for measure, found in summary["measures"].items()
        for seed, value in zip(summary["seeds"], found["values"], strict=True)
    ]
    return pd.DataFrame(rows, columns=["study", "variant", "seed", "measure", "value"])


def spreads(table: pd.DataFrame) -> dict[str, dict[str, dict[str, Any]]]:
    """Mean, standard deviation and values of each measure of each variant in such a table."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for (variant, measure), rows in table.groupby(["variant", "measure"], sort=False):
        found.setdefault(variant, {})[measure] = spread(rows["value"].tolist())
    return found


def describe(name: str, config: Mapping[str, Any], measures: Mapping[str, Any]) -> dict[str, Any]:
    """What the comparison of every study tells of a variant."""
    return {
        "name": name,
        "parameters": config["parameters"],
        "parts": {part: config[part] for part in PARTS},
        "measures": measures,
    }
