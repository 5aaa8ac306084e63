"""The variants of the study `letters` side by side: measures, the best of each, verdicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import create_model

from vaepipe.core.files import Form, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.table import read_results, spreads
from vaepipe.studies.letters.figures import draw_comparison

PARTS = ("kind", "body", "objective", "likelihood")


class Training(Form):
    batch_size: int
    warmup_epochs: int


class Config(Form):
    """A file config.json."""

    kind: str
    body: str
    objective: str
    likelihood: str
    model: dict[str, Any]
    training: Training


class Evaluation(Form):
    """A file seeds.json, of which `read_results` reads the rest."""

    input: dict[str, float]
    measures: create_model("Measures", __base__=Form, **dict.fromkeys(catalogue.CATALOGUE, dict))


OUTPUTS = (
    "learning_curves.svg",
    "reconstructions.svg",
    "kl_per_latent.svg",
    "comparison.json",
)


def compare(
    settings: Mapping[str, Any], models: Path, evaluations: Path, analyses: Path, *outputs: Path
) -> None:
    """Draw all variants and write their table; the outputs are in the order of OUTPUTS.

    The settings are the study's `variants`, `figures` and `comparison`. Raises InputError if a
    folder belongs to no variant: it must enter no result.
    """
    variants = settings["variants"]
    folders = [models, evaluations, analyses, models.with_name("figures")]
    check_folders(folders, variants, "variant")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    evaluated = [read_json(evaluations / name / "seeds.json", Evaluation) for name in variants]
    *figures, table_file = outputs
    draw_comparison(settings["figures"], models, analyses, variants, *figures)
    content = table(configs, read_results("letters", evaluations), settings["comparison"])
    write_json(table_file, content | {"input": evaluated[0]["input"]})


def table(
    configs: Mapping[str, Mapping], measured: pd.DataFrame, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Rows in the order of the configurations; the best variants of each measure; verdicts.

    `measured` is a table as of `vaepipe.results`. `comparisons` are of ELBOs: each variant with the
    baseline, then each with a KL warm-up with its partner without (`warmups`); all pairs of
    variants are judged as one set. `columns` are the facts of the measures to print.
    """
    baseline = settings["baseline"]
    found = spreads(measured)
    measures = {name: found[name] for name in configs}
    values = {
        measure: {name: measures[name][measure]["values"] for name in configs}
        for measure in measures[baseline]
    }
    rows = [
        {
            "name": name,
            "parts": {part: configs[name][part] for part in PARTS},
            "model": configs[name]["model"],
            "training": configs[name]["training"],
            "measures": measures[name],
        }
        for name in configs
    ]
    pairs = [(name, baseline) for name in configs if name != baseline]
    pairs += [pair for pair in warmups(rows) if pair not in pairs]
    compared = verdicts.compare(values["elbo"], "elbo")
    return {
        "baseline": baseline,
        "columns": catalogue.facts(settings["measures"]),
        "best": {name: verdicts.best(of_variants, name) for name, of_variants in values.items()},
        "variants": rows,
        "comparisons": [
            {"variant": name, "other": other, **compared[name, other]._asdict()}
            for name, other in pairs
        ],
        "warmups": warmups(rows),
    }


def warmups(rows: Sequence[Mapping[str, Any]]) -> list[verdicts.Pair]:
    """Each variant that has a KL warm-up, with its partner without.

    A partner has the same parts, model and batch size.
    """
    found = []
    for warm in rows:
        partners = [
            row["name"]
            for row in rows
            if row["parts"] == warm["parts"]
            and row["model"] == warm["model"]
            and row["training"]["batch_size"] == warm["training"]["batch_size"]
            and row["training"]["warmup_epochs"] == 0
        ]
        if warm["training"]["warmup_epochs"] and partners:
            found.append((warm["name"], partners[0]))
    return found
