"""The variants of the study `letters` side by side: measures, the best of each, verdicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import create_model

from vaepipe.core.files import Form, read_arrays, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures.curves import curves, read_history
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.convergence import drift, window
from vaepipe.measures.table import read_results, spreads
from vaepipe.studies.letters.figures import draw_comparison

PARTS = ("kind", "body", "objective", "likelihood")
OWN = ("batch_size", "learning_rate", "warmup_epochs")
"""What each variant says of its training."""
DENOISING = ("psnr", "ssim", "legibility", "knn_accuracy")
"""Measures of denoising, which baselines have too; they have a table of their own."""
SAMPLES = ("frechet", "kernel_distance", "density", "coverage")
"""Measures of samples, likewise."""
EFFECTS = {
    "learning_rate": (-0.5, 0.5, -0.5, 0.5),
    "warmup": (-0.5, -0.5, 0.5, 0.5),
    "interaction": (1, -1, -1, 1),
}
"""Contrasts of four variants (see `squares`): two main effects and their interaction."""


class Training(Form):
    batch_size: int
    learning_rate: float
    epochs: int
    warmup_epochs: int


class Config(Form):
    """A file config.json."""

    kind: str
    body: str
    objective: str
    likelihood: str
    parameters: int
    model: dict[str, Any]
    training: Training


class Evaluation(Form):
    """A file seeds.json, of which `read_results` reads the rest."""

    measures: create_model("Measures", __base__=Form, **dict.fromkeys(catalogue.CATALOGUE, dict))


class Baselines(Form):
    """A file baselines.json."""

    judge: dict[str, float]
    entropy: float
    samples: int
    nearest: float
    methods: dict[str, dict[str, Any]]


OUTPUTS = (
    "learning_curves.svg",
    "reconstructions.svg",
    "kl_per_latent.svg",
    "rate_distortion.svg",
    "comparison.json",
)


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    baselines: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and write their table; the outputs are in the order of OUTPUTS.

    The settings are the study's `datasets`, `variants`, `figures` and `comparison`. Raises
    InputError if a folder belongs to no variant or data set: it must enter no result.
    """
    variants, (dataset,) = settings["variants"], settings["datasets"]
    folders = [models, evaluations, analyses, models.with_name("figures")]
    check_folders(folders, variants, "variant")
    check_folders([baselines], [dataset], "data set")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    for name in variants:
        read_json(evaluations / name / "seeds.json", Evaluation)
    measured = read_results("letters", evaluations)
    images = {name: read_elbos(evaluations / name / "images.safetensors") for name in variants}
    histories = {name: read_history(models / name / "history.csv") for name in variants}
    drifts = {name: drift(curves(of, "test", "total")[1]) for name, of in histories.items()}
    *figures, table_file = outputs
    draw_comparison(settings["figures"], histories, analyses, measured, *figures)
    content = table(configs, measured, images, drifts, settings["comparison"])
    beside = read_json(baselines / dataset / "baselines.json", Baselines)
    write_json(table_file, content | {"baselines": beside})


def table(
    configs: Mapping[str, Mapping],
    measured: pd.DataFrame,
    images: Mapping[str, np.ndarray],
    drifts: Mapping[str, float],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Rows in the order of the configurations; the best variants of each measure; verdicts.

    `measured` is a table as of `vaepipe.results`; `images` are the ELBOs of each test image, (n,),
    `drifts` those of the test objective. All verdicts are on ELBOs and one set: `comparisons` of
    each variant with the baseline; the effects of learning rate and warm-up in each of the
    `squares`; and, where there is no such square, each variant with a KL warm-up against its
    partner without (`warmups`).
    `columns`, `denoising_columns` and `sample_columns` are the facts of the measures to print.
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
            "parameters": configs[name]["parameters"],
            "parts": {part: configs[name][part] for part in PARTS},
            "model": configs[name]["model"],
            "training": {key: configs[name]["training"][key] for key in OWN},
            "measures": measures[name],
        }
        for name in configs
    ]
    crossed = squares(rows)
    pairs = [(name, baseline) for name in configs if name != baseline]
    alone = [pair for pair in warmups(rows) if not any(set(pair) < set(four) for four in crossed)]
    pairs += [pair for pair in alone if pair not in pairs]
    elbos = values["elbo"]
    sums = [(pair, (1, -1)) for pair in pairs]
    sums += [(square, weights) for square in crossed for weights in EFFECTS.values()]
    contrasts = [verdicts.Contrast("elbo", [elbos[n] for n in names], w) for names, w in sums]
    moved = [_weighted(drifts, *of) for of in sums]
    errors = [verdicts.standard_error(_weighted(images, *of)) for of in sums]
    judged = map(_beside, verdicts.judge(contrasts), moved, errors)
    named = {row["name"]: row for row in rows}
    return {
        "baseline": baseline,
        "columns": catalogue.facts(settings["measures"]),
        "denoising_columns": catalogue.facts(DENOISING),
        "sample_columns": catalogue.facts(SAMPLES),
        "best": {name: verdicts.best(of_variants, name) for name, of_variants in values.items()},
        "variants": rows,
        "comparisons": [
            {
                "variant": name,
                "other": other,
                "differs": differences(named[name], named[other]),
                **next(judged),
            }
            for name, other in pairs
        ],
        "squares": [
            {
                "variants": list(square),
                "effects": {effect: next(judged) for effect in EFFECTS},
            }
            for square in crossed
        ],
        "warmups": alone,
        "window": window(next(iter(configs.values()))["training"]["epochs"]),
    }


def _weighted(values: Mapping[str, Any], names: Sequence[str], weights: Sequence[float]) -> Any:
    return sum(weight * values[name] for name, weight in zip(names, weights, strict=True))


def _beside(found: verdicts.Comparison, moved: float, error: float) -> dict[str, Any]:
    """A comparison, with the nats by which it grew over the last epochs, and its image error.

    It has come to rest if it grew by less than the seeds leave open, half the interval's width.
    The image error is what other test images would do to it, with the same models.
    """
    settled = None if found.low is None else abs(moved) <= (found.high - found.low) / 2
    return {**found._asdict(), "drift": moved, "settled": settled, "image_error": error}


def read_elbos(path: Path) -> np.ndarray:
    """The ELBO of each test image (n,), a mean over the seeds; InputError if it is damaged."""
    return read_arrays(path, {"elbo": ("seeds", "images")})["elbo"].mean(0)


def settings_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """All that a row says of how its variant is made."""
    return {**row["parts"], **row["model"], **row["training"]}


def differences(row: Mapping[str, Any], other: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The settings in which two rows differ, with the value of each."""
    of_row, of_other = settings_of(row), settings_of(other)
    return [
        {"setting": key, "value": of_row.get(key), "other": of_other.get(key)}
        for key in of_row | of_other
        if of_row.get(key) != of_other.get(key)
    ]


def _differ_in(row: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {found["setting"] for found in differences(row, other)}


def warmups(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Each variant that has a KL warm-up, with the one that is like it but has none."""
    return [
        (warm["name"], cold["name"])
        for warm in rows
        for cold in rows
        if warm["training"]["warmup_epochs"]
        and not cold["training"]["warmup_epochs"]
        and _differ_in(warm, cold) == {"warmup_epochs"}
    ]


def squares(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str, str]]:
    """Four variants that differ in the learning rate, a KL warm-up, both and neither.

    In the order of EFFECTS' weights: neither, lower learning rate, warm-up, both.
    """
    named = {row["name"]: row for row in rows}
    pairs = [(cold, warm) for warm, cold in warmups(rows)]
    return [
        (fast[0], slow[0], fast[1], slow[1])
        for fast in pairs
        for slow in pairs
        if named[fast[0]]["training"]["learning_rate"] > named[slow[0]]["training"]["learning_rate"]
        and _differ_in(named[fast[0]], named[slow[0]]) == {"learning_rate"}
        and _differ_in(named[fast[1]], named[slow[1]]) == {"learning_rate"}
    ]
