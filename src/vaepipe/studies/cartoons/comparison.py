"""The runs of the study `cartoons` side by side: losses, ways between images, samples."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures import curves, shares
from vaepipe.figures.architecture import summary
from vaepipe.generative.comparison import Judge, by_epoch, draw_reconstructions
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.convergence import window
from vaepipe.measures.seeds import spread
from vaepipe.measures.table import Assembled, VAEMeasures, describe, read_results, spreads
from vaepipe.studies.cartoons.figures import MEASURED, WAYS, read_analysis

OUTPUTS = ("losses.svg", "reconstructions.svg", "attributes.svg", "comparison.json")
JUDGED = ("last_loss", "elbo", "ssim", "frechet")
"""Measures by which each variant is compared with the baseline."""


SEEN = {"test images": "true", "test images, by the judge": "test"}
"""What the shares of samples are compared with."""


class Model(Form):
    latent: int
    filters: list[int]
    deviation: float | None


class Training(Form):
    epochs: int
    batch_size: int
    learning_rate: float
    last_learning_rate: float | None
    schedule: str
    beta: float
    draws: int


class Config(Assembled):
    """A file config.json."""

    model: Model
    training: Training
    shape: list[int]
    steps: int


Part = Annotated[float, Field(ge=0, le=1)]


class Share(Form):
    share: Part
    low: Part
    high: Part

    @model_validator(mode="after")
    def _lies_in_its_interval(self) -> "Share":
        if not self.low <= self.share <= self.high:
            raise ValueError("a share lies outside its interval")
        return self


class Shares(Form):
    value: str
    true: Share
    test: Share
    samples: Share


class Row(Form):
    variant: str
    deviation: float
    name: str
    values: Annotated[list[Shares], Field(min_length=1)]


class Recognised(Form):
    own: Part | None
    others: Part | None


class Claim(Row):
    recognised: Recognised


class AttributeJudge(Form):
    accuracy: float
    majority: float
    recall: dict[str, float | None]


class Told(Form):
    """A file attributes.json."""

    samples: int
    judges: dict[str, AttributeJudge]
    rows: Annotated[list[Row], Field(min_length=1)]
    claims: list[Claim]


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    attributes: Path,
    judge: Path,
    data: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and write their table; the outputs are in the order of OUTPUTS.

    The settings are the study's `variants`, `figures` and `comparison`. Raises InputError if a
    folder belongs to no variant: it must enter no result.
    """
    variants, look = settings["variants"], settings["figures"]
    check_folders([models, evaluations, analyses, models.with_name("figures")], variants, "variant")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    for name in variants:
        read_json(evaluations / name / "seeds.json", VAEMeasures)
    measured = spreads(read_results("cartoons", evaluations))
    histories = {name: curves.read_history(models / name / "history.csv") for name in variants}
    found = {name: read_analysis(analyses / name) for name in variants}
    told = read_attributes(attributes / "attributes.json", variants)
    losses_file, reconstructions_file, attributes_file, table_file = outputs
    curves.terms(losses_file, by_epoch(configs, histories), look)
    shape = next(iter(configs.values()))["shape"]
    draw_reconstructions(reconstructions_file, {v: models / v for v in variants}, data, shape, look)
    draw_attributes(attributes_file, told["rows"], settings["comparison"]["baseline"], look)
    losses = {
        name: losses_of(history, models / name / "batches.csv", look["moving_average"])
        for name, history in histories.items()
    }
    for name, of in losses.items():
        measured[name]["last_loss"] = of["last"]
    facts = read_json(judge / "judge.json", Judge)
    write_json(
        table_file,
        {
            "baseline": settings["comparison"]["baseline"],
            "columns": catalogue.facts(settings["comparison"]["measures"]),
            "judged": catalogue.facts(JUDGED),
            "judge": {key: facts[key] for key in Judge.model_fields},
            "variants": [
                describe(name, config, measured[name])
                | {key: config[key] for key in ("model", "training", "steps")}
                for name, config in configs.items()
            ],
            "comparisons": comparisons(measured, settings["comparison"]["baseline"]),
            "pixels": math.prod(shape),
            "losses": losses,
            "ways": {name: ways(*of) for name, of in found.items()},
            "samples": {name: samples(*of) for name, of in found.items()},
            "attributes": told,
            "estimates": {name: estimates(*of) for name, of in found.items()},
            "architectures": {
                name: summary(facts["architecture"]) for name, (_, facts) in found.items()
            },
        },
    )


def read_attributes(path: Path, variants: Sequence[str]) -> dict[str, Any]:
    """What judges of attributes have told; raises InputError if the file is damaged.

    Also if it tells nothing of a variant, or not of the same values of an attribute everywhere.
    """
    told = read_json(path, Told)
    values: dict[str, set[tuple[str, ...]]] = {}
    for row in told["rows"]:
        values.setdefault(row["name"], set()).add(tuple(of["value"] for of in row["values"]))
    known = {row["variant"] for row in told["rows"]}
    if not known >= set(variants) or any(len(of) > 1 for of in values.values()):
        raise InputError(
            f"{path}: does not tell of the same values for each variant. Delete it and run again."
        )
    return told


def draw_attributes(
    target: Path, rows: Sequence[Mapping[str, Any]], variant: str, look: Mapping[str, Any]
) -> None:
    """The shares of the values of each attribute: in the test images, and in samples of a variant.

    Samples of each deviation, as the judge sees them; test images also as they are.
    """
    panels: dict[str, shares.Panel] = {}
    for row in rows:
        if row["variant"] != variant:
            continue
        values = [of["value"] for of in row["values"]]
        sets = {**SEEN, f"samples, σ = {row['deviation']:g}": "samples"}
        found = {
            name: np.array([[of[key][end] for end in Share.model_fields] for of in row["values"]])
            for name, key in sets.items()
        }
        title = row["name"].replace("_", " ")
        before = panels[title].shares if title in panels else {}
        panels[title] = shares.Panel(values, before | found)
    shares.by_value(target, panels, list(SEEN), look)


def losses_of(history: curves.History, batches: Path, width: int) -> dict[str, Any]:
    """Losses in nats over the seeds: of the last epoch, the last batches, the test images.

    last: the mean over all batches of the last epoch; batch: the standard deviation of these;
    moving: over the last `width` batches; test: of the test images after the last epoch. `moved`:
    by how much the mean test loss changed over so many last epochs as `window` says.
    """
    _, totals = curves.read_batches(batches)
    epochs, train = curves.curves(history, "train", "total")
    _, test = curves.curves(history, "test", "total")
    last = window(len(epochs))
    return {
        "last": spread(train[:, -1].tolist()),
        "batch": spread(totals[:, -(totals.shape[1] // len(epochs)) :].std(1, ddof=1).tolist()),
        "moving": spread(curves.moving_average(totals, width)[:, -1].tolist()),
        "test": spread(test[:, -1].tolist()),
        "window": last,
        "moved": float(test[:, -1].mean() - test[:, max(-len(epochs), -1 - last)].mean()),
    }


def ways(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is measured of each way between two images, over the seeds: at its middle, at its ends.

    `between` and `norm` are there for the ways through the latents; `central` is what `between` is
    of one image for all pairs, that of the latent 0.
    """
    middle = arrays["linear_way"].shape[2] // 2
    found: dict[str, Any] = {"pairs": facts["pairs"], "data_nearest": facts["data_nearest"]}
    for way in WAYS:
        values = dict(zip(MEASURED, arrays[f"{way}_way"].transpose(1, 0, 2), strict=True))
        found[way] = {
            name: {
                "middle": spread(of[:, middle].tolist()),
                "ends": spread(of[:, [0, -1]].mean(1).tolist()),
            }
            for name, of in values.items()
        }
    *middles, central = arrays["between"].T.tolist()
    found["central"] = spread(central)
    for way, between, norms in zip(WAYS, middles, arrays["norms"].T.tolist(), strict=False):
        found[way] |= {"between": spread(between), "norm": spread(norms)}
    return found


def samples(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each deviation that samples are drawn with, their sharpness over that of the data."""
    return [
        {"deviation": deviation, "sharpness": spread(values.tolist())}
        for deviation, values in zip(facts["deviations"], arrays["sharpness"].T, strict=True)
    ]


def estimates(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Root mean square errors of the estimates of the reconstruction, by numbers of draws."""
    exact = facts["reconstruction"]
    errors = np.sqrt(((arrays["estimates"] - exact) ** 2).mean(1)).tolist()
    return {"draws": facts["draws"], "errors": errors, "reconstruction": exact}


def comparisons(
    measured: Mapping[str, Mapping[str, Mapping[str, Any]]], baseline: str
) -> list[dict[str, Any]]:
    """Verdicts of each variant against the baseline, by each measure of JUDGED: one set."""
    pairs = [(name, measure) for name in measured if name != baseline for measure in JUDGED]
    contrasts = [
        verdicts.difference(
            measure, measured[name][measure]["values"], measured[baseline][measure]["values"]
        )
        for name, measure in pairs
    ]
    return [
        {"variant": name, "other": baseline, "measure": measure, **of._asdict()}
        for (name, measure), of in zip(pairs, verdicts.judge(contrasts), strict=True)
    ]
