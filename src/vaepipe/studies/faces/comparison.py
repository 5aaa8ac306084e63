"""The variants of the study `faces` side by side, their layers, and what blending does."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vaepipe.core.files import Form, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures.architecture import sizes
from vaepipe.figures.pictures import labelled_grid
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.seeds import spread
from vaepipe.measures.table import Assembled, describe, read_results, spreads
from vaepipe.studies.faces import pictures
from vaepipe.studies.faces.figures import read_analysis

SWEEP = "noise_sweep.json"
OUTPUTS = ("reconstructions.svg", *pictures.OUTPUTS, "comparison.json")
JUDGED = ("psnr", "ssim", "legibility", "knn_accuracy")
"""Measures by which each variant is compared with the baseline."""


class Model(Form):
    latent: int
    latent_activation: str | None
    hidden: list[int]


class Training(Form):
    epochs: int
    batch_size: int
    learning_rate: float
    seeds: list[int]
    noise: str


class Config(Assembled):
    """A file config.json."""

    steps: int
    model: Model
    training: Training


class JudgeFacts(Form):
    """A file judge.json."""

    accuracy: float
    majority: float


class Sweep(Form):
    """A file noise_sweep.json: the PSNR in dB of the mean training image."""

    mean_image: float


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    anomaly: Path,
    contrast: Path,
    judge: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and write their table; outputs are in the order of OUTPUTS.

    The settings are the study's `datasets`, `variants`, `figures` and `comparison`. Raises
    InputError if a folder belongs to no variant: it must enter no result.
    """
    variants, look = settings["variants"], settings["figures"]
    check_folders([models, evaluations, analyses, models.with_name("figures")], variants, "variant")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    found = {name: read_analysis(analyses / name) for name in variants}
    measured = spreads(read_results("faces", evaluations))
    facts = read_json(judge / "judge.json", JudgeFacts)
    trivial = read_json(evaluations / settings["comparison"]["baseline"] / SWEEP, Sweep)
    reconstructions_file, *drawn, table_file = outputs
    anomaly_files = drawn[: len(pictures.ANOMALY)]
    draw_reconstructions(reconstructions_file, found, look)
    pictures.draw_anomaly(look, anomaly, *anomaly_files)
    pictures.draw_contrast(look, contrast, *drawn[len(anomaly_files) :])
    rows = [
        describe(name, config, measured[name])
        | {"steps": config["steps"], "model": config["model"], "training": config["training"]}
        for name, config in configs.items()
    ]
    write_json(
        table_file,
        {
            "baseline": settings["comparison"]["baseline"],
            "columns": catalogue.facts(settings["comparison"]["measures"]),
            "judged": catalogue.facts(JUDGED),
            "judge": {key: facts[key] for key in JudgeFacts.model_fields},
            "variants": rows,
            "comparisons": comparisons(measured, settings["comparison"]["baseline"]),
            "layers": {name: of["architecture"] for name, (_, of) in found.items()},
            "sizes": {
                name: sizes(of["architecture"]) | {"trainable": of["trainable"]}
                for name, (_, of) in found.items()
            },
            "mean_image": trivial["mean_image"],
            "changes": {name: of["changes"] for name, (_, of) in found.items()},
            "alive": {name: of["alive"] for name, (_, of) in found.items()},
            "blends": {name: blends(of) for name, (_, of) in found.items()},
            "anomaly": pictures.read_anomaly(anomaly)[1],
            "contrast": contrasted(pictures.read_contrast(contrast)[1]),
        },
    )


def draw_reconstructions(
    target: Path, found: Mapping[str, tuple[Mapping, Mapping]], look: Mapping
) -> None:
    """The first test images, and what the first seed of each variant makes of them."""
    arrays, facts = next(iter(found.values()))
    rows = {"test image": arrays["originals"]}
    rows |= {name: of["decoded"] for name, (of, _) in found.items()}
    labelled_grid(target, [""] * len(arrays["originals"]), rows, facts["shape"], look)


def blends(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For each alpha what `analysis.measure_blends` found, over the seeds.

    `alike`, how far different images' outputs are apart as a share of how far they are without
    noise, mean squares; `moved_share`, where the output stands between the image's own
    reconstruction (0) and what is decoded of the noise alone (1): the former's part of both
    distances, root mean squares.
    """
    rows = []
    for place, alpha in enumerate(facts["alphas"]):
        values = {name: [of[name][place] for of in facts["blends"]] for name in facts["blends"][0]}
        values["alike"] = [ratio(of["apart"][place], of["apart"][0]) for of in facts["blends"]]
        values["moved_share"] = [
            part_of_way(of["moved"][place], of["foreign"][place]) for of in facts["blends"]
        ]
        rows.append({"alpha": alpha, **{name: spread(of) for name, of in values.items()}})
    return rows


def contrasted(facts: Mapping[str, Any]) -> dict[str, Any]:
    """What was found of an autoencoder and a VAE, each number over the seeds."""
    found = {kind: over_seeds(of) for kind, of in facts["found"].items()}
    return dict(facts) | {"found": found}


def over_seeds(found: Sequence[Any]) -> Any:
    """The spread of each number in things of one form, a thing a seed."""
    first = found[0]
    if isinstance(first, Mapping):
        return {key: over_seeds([of[key] for of in found]) for key in first}
    if isinstance(first, list):
        return [over_seeds(of) for of in zip(*found, strict=True)]
    return None if first is None else spread(list(found))


def part_of_way(moved: float, left: float) -> float:
    """What part of the way is done, from mean squared distances to where it begins and ends."""
    moved, left = math.sqrt(moved), math.sqrt(left)
    return ratio(moved, moved + left)


def ratio(part: float, whole: float) -> float:
    """A part over the whole; 0 of nothing."""
    return part / whole if whole else 0.0


def comparisons(measured: Mapping[str, Mapping[str, Any]], baseline: str) -> list[dict[str, Any]]:
    """The verdicts on each variant against the baseline, all of them one set."""
    pairs = [
        (name, measure)
        for name in measured
        for measure in JUDGED
        if name != baseline and measure in measured[name] and measure in measured[baseline]
    ]
    contrasts = [
        verdicts.difference(measure, *(measured[of][measure]["values"] for of in (name, baseline)))
        for name, measure in pairs
    ]
    return [
        {"variant": name, "other": baseline, "measure": measure, **judged._asdict()}
        for (name, measure), judged in zip(pairs, verdicts.judge(contrasts), strict=True)
    ]
