"""The variants of the study `letters` side by side: measures, the best of each, verdicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import create_model

from vaepipe.core.files import Form, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.measures import catalogue
from vaepipe.measures.table import read_results, spreads
from vaepipe.measures.verdicts import best, verdict
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
    """Rows in the order of the configurations; the best variant of each measure.

    `measured` is a table as of `vaepipe.results`. Each row's `compare` is the verdict on its ELBO
    against that of the baseline; `columns` are the facts of the measures to print.
    """
    baseline = settings["baseline"]
    found = spreads(measured)
    measures = {name: found[name] for name in configs}
    rows = [
        {
            "name": name,
            "parts": {part: configs[name][part] for part in PARTS},
            "model": configs[name]["model"],
            "training": configs[name]["training"],
            "measures": measures[name],
            "compare": verdict(measures[name]["elbo"], measures[baseline]["elbo"]),
        }
        for name in configs
    ]
    return {
        "baseline": baseline,
        "columns": catalogue.facts(settings["measures"]),
        "best": {measure: best(measures, measure) for measure in measures[baseline]},
        "variants": rows,
        "warmups": warmups(rows),
    }


def warmups(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a KL warm-up did: each variant that has one beside its partner without.

    A partner has the same parts, model and batch size. `elbo` and `informative_latents` are
    verdicts.
    """
    found = []
    for warm in rows:
        partners = [
            row
            for row in rows
            if row["parts"] == warm["parts"]
            and row["model"] == warm["model"]
            and row["training"]["batch_size"] == warm["training"]["batch_size"]
            and row["training"]["warmup_epochs"] == 0
        ]
        if warm["training"]["warmup_epochs"] and partners:
            measures, others = warm["measures"], partners[0]["measures"]
            found.append(
                {"variant": warm["name"], "partner": partners[0]["name"]}
                | {m: verdict(measures[m], others[m]) for m in ("elbo", "informative_latents")}
            )
    return found
