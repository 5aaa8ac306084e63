"""The variants of the study `letters` side by side: measures, the best of each, verdicts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_arrays, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures.architecture import summary
from vaepipe.figures.curves import curves, read_history
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.convergence import drift, window
from vaepipe.measures.table import Assembled, VAEMeasures, describe, read_results, spreads
from vaepipe.studies.letters.figures import Facts, draw_comparison, draw_noise_sweep

OWN = ("batch_size", "learning_rate", "warmup_epochs")
"""What each variant says of its training."""
DENOISING = ("psnr", "ssim", "legibility", "knn_accuracy")
"""Measures of denoising, which baselines have too; they have a table of their own."""
BOUNDS = ("elbo", "iw_bound_tenth", "iw_bound", "effective_samples", "train_elbo", "train_gap")
"""Measures of the likelihood, likewise."""
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


class Data(Form):
    level: float


class Config(Assembled):
    """A file config.json."""

    steps: int
    """In an epoch."""
    data: Data
    model: dict[str, Any]
    training: Training


class Baselines(Form):
    """A file baselines.json."""

    judge: dict[str, float]
    entropy: float
    samples: int
    neighbours: int
    """Of the density and the coverage of samples."""
    nearest: float
    methods: dict[str, dict[str, Any]]


OUTPUTS = (
    "learning_curves.svg",
    "reconstructions.svg",
    "kl_per_latent.svg",
    "rate_distortion.svg",
    "noise_sweep.svg",
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
        read_json(evaluations / name / "seeds.json", VAEMeasures)
    measured = read_results("letters", evaluations)
    images = {name: read_elbos(evaluations / name / "images.safetensors") for name in variants}
    histories = {name: read_history(models / name / "history.csv") for name in variants}
    objectives = {name: curves(of, "test", "total")[1] for name, of in histories.items()}
    *figures, sweep_file, table_file = outputs
    draw_comparison(settings["figures"], histories, analyses, measured, *figures)
    sweeps = read_sweeps(evaluations, variants)
    level = configs[variants[0]]["data"]["level"]
    draw_noise_sweep(sweep_file, sweeps, level, settings["figures"])
    content = table(configs, measured, images, objectives, settings["comparison"])
    beside = read_json(baselines / dataset / "baselines.json", Baselines)
    facts = {name: read_json(analyses / name / "analysis.json", Facts) for name in variants}
    architectures = {name: summary(of["architecture"]) for name, of in facts.items()}
    write_json(table_file, content | {"baselines": beside, "architectures": architectures})


def table(
    configs: Mapping[str, Mapping],
    measured: pd.DataFrame,
    images: Mapping[str, np.ndarray],
    objectives: Mapping[str, np.ndarray],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Rows in the order of the configurations; the best variants of each measure; verdicts.

    `measured` is a table as of `vaepipe.results`; `images` are the ELBOs of each test image, (n,),
    `objectives` those on the test split after each epoch, (seeds, epochs). All verdicts are one
    set, on ELBOs: `comparisons` of each variant with the baseline, where there is no such square
    as follows of each that has a KL warm-up with its partner without (`warmups`), and of variants
    that differ in the size of the batch alone; the effects of learning rate and warm-up in each of
    the `squares`; and, on the objective, variants of different batches after as many steps
    (`equal_steps`), unless they have a warm-up, which is counted in epochs.
    `columns` and those with a name before are the facts of the measures to print.
    """
    baseline = settings["baseline"]
    found = spreads(measured)
    measures = {name: found[name] for name in configs}
    values = {
        measure: {name: measures[name][measure]["values"] for name in configs}
        for measure in measures[baseline]
    }
    rows = [
        describe(name, config, measures[name])
        | {"model": config["model"], "training": {key: config["training"][key] for key in OWN}}
        for name, config in configs.items()
    ]
    crossed = squares(rows)
    pairs = [(name, baseline) for name in configs if name != baseline]
    alone = [
        (warm, cold)
        for warm, cold in warmups(rows)
        if not any({warm, cold} < set(four) for four in crossed) and (cold, warm) not in pairs
    ]
    pairs += [pair for pair in alone if pair not in pairs]
    batches = [pair if pair[::-1] not in pairs else pair[::-1] for pair in batch_pairs(rows)]
    pairs += [pair for pair in batches if pair not in pairs]
    elbos = values["elbo"]
    sums = [(pair, (1, -1)) for pair in pairs]
    sums += [(square, weights) for square in crossed for weights in EFFECTS.values()]
    contrasts = [verdicts.Contrast("elbo", [elbos[n] for n in names], w) for names, w in sums]
    drifts = {name: drift(values) for name, values in objectives.items()}
    moved = [_weighted(drifts, *of) for of in sums]
    errors = [verdicts.standard_error(_weighted(images, *of)) for of in sums]
    named = {row["name"]: row for row in rows}
    batches = [pair for pair in batches if not named[pair[0]]["training"]["warmup_epochs"]]
    steps = [min(configs[name]["steps"] * objectives[name].shape[1] for name in p) for p in batches]
    after = [
        {name: at_step(objectives[name], configs[name]["steps"], at) for name in pair}
        for pair, at in zip(batches, steps, strict=True)
    ]
    contrasts += [verdicts.difference("elbo", *-np.array(list(of.values()))) for of in after]
    found = verdicts.judge(contrasts)
    judged = map(_beside, found[: len(sums)], moved, errors)
    return {
        "baseline": baseline,
        "columns": catalogue.facts(settings["measures"]),
        "denoising_columns": catalogue.facts(DENOISING),
        "sample_columns": catalogue.facts(SAMPLES),
        "bound_columns": catalogue.facts(BOUNDS),
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
        "equal_steps": [
            {"variant": name, "other": other, "steps": at, **of._asdict()}
            for (name, other), at, of in zip(batches, steps, found[len(sums) :], strict=True)
        ],
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


class Sweep(Form):
    """A file noise_sweep.json."""

    levels: list[float]
    noisy: list[float]
    mean_image: float
    decoded: Annotated[list[list[float]], Field(min_length=1)]

    @model_validator(mode="after")
    def _a_value_for_each_level(self) -> "Sweep":
        if any(len(values) != len(self.levels) for values in (self.noisy, *self.decoded)):
            raise ValueError("not one value for each level")
        return self


def read_sweeps(evaluations: Path, variants: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The PSNR at each level of noise of each variant; InputError if a file is damaged."""
    files = {name: evaluations / name / "noise_sweep.json" for name in variants}
    found = {name: read_json(file, Sweep) for name, file in files.items()}
    for name, sweep in found.items():
        if sweep["levels"] != found[variants[0]]["levels"]:
            raise InputError(
                f"{files[name]}: has other levels than that of {variants[0]}. Delete both and run "
                "again."
            )
    return found


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


def batch_pairs(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Two variants that differ in the size of their batches alone; of several with the first."""
    found: dict[str, str] = {}
    for number, first in enumerate(rows):
        for row in rows[number + 1 :]:
            if _differ_in(row, first) == {"batch_size"}:
                found.setdefault(row["name"], first["name"])
    return list(found.items())


def at_step(objective: np.ndarray, epoch_steps: int, step: int) -> list[float]:
    """An objective after each epoch (seeds, epochs), as it was after so many steps: (seeds,).

    Between epochs by a straight line; a step before the end of the first epoch counts as that.
    """
    ends = epoch_steps * np.arange(1, objective.shape[1] + 1)
    return [float(np.interp(step, ends, values)) for values in objective]


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
