"""The variants of the study `denoise` side by side: autoencoders, VAEs, classifiers, methods."""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import stats
from sklearn.neighbors import NearestNeighbors

from vaepipe.core.files import Form, read_json, write_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures import curves, latents
from vaepipe.figures.architecture import summary
from vaepipe.figures.pictures import labelled_grid
from vaepipe.judges.classifier import Judge, read_judge
from vaepipe.machine.device import prepare
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.seeds import spread
from vaepipe.measures.table import Assembled, describe, read_results, spreads
from vaepipe.studies.denoise import pictures
from vaepipe.studies.denoise.figures import read_analysis

OUTPUTS = (
    "reconstructions.svg",
    "grids.svg",
    *pictures.OUTPUTS,
    "comparison.json",
)
DECODED = ("psnr", "legibility")
"""By which autoencoders are compared with the baseline, and methods that denoise."""
OF_LATENTS = ("psnr", "latent_accuracy", "neighbour_distance", "grid_confidence")
"""By which a VAE of as many latents is."""
NAMED = ("accuracy", "cross_entropy", "cross_entropy_gap")
"""By which a classifier is compared with the first one."""
CERTAIN = 0.9
"""A tile of a grid shows a class where the judge takes it for that with this probability."""
OVERLAP = 10
"""Nearest other codes of a code, of which those of other classes are counted."""


class Model(Form):
    latent: int | None
    latent_activation: str | None
    dense: int | None
    dropout: float | None


class Training(Form):
    epochs: int
    beta: float | None
    noise: str
    validation: float | None
    patience: int | None


class Config(Assembled):
    """A file config.json."""

    model: Model
    training: Training


class JudgeFacts(Form):
    """A file judge.json."""

    accuracy: float
    majority: float


def compare(
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    denoised: Path,
    judge: Path,
    *outputs: Path,
) -> None:
    """Draw all variants and methods, and write their table; outputs are in the order of OUTPUTS.

    The settings are the study's `datasets`, `variants`, `figures` and `comparison`. Raises
    InputError if a folder belongs to no variant: it must enter no result.
    """
    variants, look = settings["variants"], settings["figures"]
    check_folders([models, evaluations, analyses, models.with_name("figures")], variants, "variant")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    found = {name: read_analysis(analyses / name) for name in variants}
    measured = spreads(read_results("denoise", evaluations))
    methods = pictures.read_denoising(denoised)[1]
    reader = read_judge(judge, prepare("cpu", threads=1))
    reconstructions_file, grids_file, *denoised_files, table_file = outputs
    decoding = [name for name, of in configs.items() if of["kind"] != "classifier"]
    spaces = {name: latent_space(*found[name], reader) for name in decoding}
    rows = [
        describe(name, config, measured[name])
        | {"model": config["model"], "training": config["training"]}
        for name, config in configs.items()
    ]
    draw_reconstructions(reconstructions_file, {name: found[name] for name in decoding}, look)
    draw_grids(grids_file, {name: found[name] for name in decoding}, reader, look)
    pictures.draw_denoising(look, denoised, *denoised_files)
    facts = read_json(judge / "judge.json", JudgeFacts)
    write_json(
        table_file,
        {
            "baseline": settings["comparison"]["baseline"],
            "columns": catalogue.facts(settings["comparison"]["measures"]),
            "judged": catalogue.facts(dict.fromkeys((*DECODED, *OF_LATENTS, *NAMED))),
            "judge": {key: facts[key] for key in JudgeFacts.model_fields},
            "certain": CERTAIN,
            "overlap_neighbours": OVERLAP,
            "variants": rows,
            "spaces": spaces,
            "classifiers": {
                name: classifier(*found[name]) | {"stopped": stopping(models / name)}
                for name in variants
                if name not in decoding
            },
            "comparisons": comparisons(configs, measured, spaces, methods, settings),
            "methods": methods,
            "architectures": {
                name: summary(facts["architecture"]) for name, (_, facts) in found.items()
            },
        },
    )


def latent_space(
    arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any], judge: Judge
) -> dict[str, Any]:
    """What is told apart in the latent space of a variant, and what is decoded from it.

    `linear` and `knn`: accuracies from the latents, by class and as means over classes and over
    images; `principal`: those of as many principal components. `overlap`: of each class the share
    of other classes among the nearest other codes of its test images; `correlation`: of that with
    the linear accuracy, by ranks (Spearman 1904). `kept`: of each class the share of its
    reconstructions that the judge names rightly. `pairs`: how often k-NN takes two classes for one
    another. What is by class is of the first seed, but `linear` and `knn`.
    """
    names, labels = facts["classes"], arrays["labels"]
    counts = np.bincount(labels, minlength=len(names))
    shares = arrays["confusion"]
    overlaps = overlap(arrays["codes"], labels, len(names))
    right = judge.name(torch.from_numpy(arrays["decoded"]).float() / 255).numpy() == labels
    pairs = [
        {
            "classes": [names[one], names[other]],
            "overlap": float(shares[one, other] + shares[other, one]) / 2,
        }
        for one, other in combinations(range(len(names)), 2)
    ]
    grids = [read_grid(grid, judge, names) for grid in arrays.get("grid", ())]
    return {
        "latent": facts["latent"],
        "classes": names,
        "linear": accuracies(arrays["linear"], counts),
        "knn": accuracies(arrays["knn"], counts),
        "overlap": overlaps.tolist(),
        "correlation": rank_correlation(overlaps, arrays["linear"][0]),
        "principal": {
            "psnr": facts["principal"]["psnr"],
            **{
                name: accuracies(np.array([facts["principal"][name]]), counts)
                for name in ("linear", "knn")
            },
        },
        "kept": [float(right[labels == label].mean()) for label in range(len(names))],
        "pairs": sorted(pairs, key=lambda pair: -pair["overlap"]),
        "on_axes": facts["on_axes"],
        "alive": facts["alive"],
        "neighbour_distance": spread(facts["neighbour_distance"]),
        "neighbour_control": spread(facts["neighbour_control"]),
        "stretch": spread(facts["stretch"]),
        "grid_confidence": spread([grid["confidence"] for grid in grids]) if grids else None,
        "in_grid": [grid["classes"] for grid in grids],
    }


def accuracies(by_class: np.ndarray, counts: np.ndarray) -> dict[str, Any]:
    """Of accuracies (seeds, classes): those by class, and their means over classes and images."""
    return {
        "by_class": [spread(values.tolist()) for values in by_class.T],
        "over_classes": spread(by_class.mean(1).tolist()),
        "over_images": spread((by_class @ counts / counts.sum()).tolist()),
    }


def overlap(codes: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Of each class the share of other classes among the nearest other codes, (classes,).

    Of codes (n, latent) with labels (n,), OVERLAP neighbours each.
    """
    count = min(OVERLAP, len(codes) - 1)
    nearest = NearestNeighbors(n_neighbors=count).fit(codes).kneighbors(return_distance=False)
    foreign = (labels[nearest] != labels[:, None]).mean(1)
    return np.array([foreign[labels == label].mean() for label in range(classes)])


def rank_correlation(one: np.ndarray, other: np.ndarray) -> dict[str, float] | None:
    """The `value`, and the `p` of as large a one by chance; None where ranks do not differ."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    found = stats.spearmanr(one, other)
    return {"value": float(found.statistic), "p": float(found.pvalue)}


def read_grid(grid: np.ndarray, judge: Judge, names: Sequence[str]) -> dict[str, Any]:
    """What the judge sees on a grid of images (side, side, pixels).

    `confidence`, the mean probability of the class that it names; `classes`, those that it names
    with CERTAIN probability in a tile; of each tile `labels` and `confidences`, (side, side).
    """
    side, pixels = grid.shape[0], grid.shape[-1]
    found = judge.probabilities(torch.from_numpy(grid).float().reshape(-1, pixels) / 255)
    confidences, labels = (of.reshape(side, side).numpy() for of in found.max(-1))
    sure = set(labels[confidences >= CERTAIN].tolist())
    return {
        "confidence": float(confidences.mean()),
        "classes": [names[label] for label in sorted(sure)],
        "labels": labels,
        "confidences": confidences,
    }


def draw_reconstructions(
    target: Path, found: Mapping[str, tuple[Mapping, Mapping]], look: Mapping
) -> None:
    """The first test images, clean, and what the first seed of each variant makes of them."""
    arrays, facts = next(iter(found.values()))
    originals = arrays["originals"]
    names = [facts["classes"][label] for label in arrays["labels"][: len(originals)]]
    rows = {"test image": originals}
    rows |= {name: of["decoded"][: len(originals)] for name, (of, _) in found.items()}
    labelled_grid(target, names, rows, facts["shape"], look)


def draw_grids(
    target: Path, found: Mapping[str, tuple[Mapping, Mapping]], judge: Judge, look: Mapping
) -> None:
    """The grids of the first seed of each variant that has one, tiles named by the judge."""
    panels = {}
    for name, (arrays, facts) in found.items():
        if "grid" in arrays:
            read = read_grid(arrays["grid"][0], judge, facts["classes"])
            words = np.array(facts["classes"])[read["labels"]]
            panels[name] = (arrays["grid"][0], words, read["confidences"] >= CERTAIN)
    shape = next(iter(found.values()))[1]["shape"]
    latents.named_grids(target, panels, shape, look)


def classifier(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Of each class the share that the first seed names rightly, and the pairs it confuses most."""
    names, shares = facts["classes"], arrays["confusion"]
    wrong = shares * (1 - np.eye(len(names)))
    order = np.argsort(-wrong, axis=None, kind="stable")[:3]
    rows, columns = np.unravel_index(order, shares.shape)
    return {
        "right": dict(zip(names, np.diag(shares).tolist(), strict=True)),
        "confused": [
            {"label": names[row], "named": names[column], "share": float(shares[row, column])}
            for row, column in zip(rows, columns, strict=True)
        ],
        "mistakes": facts["mistakes"],
    }


def stopping(folder: Path) -> dict[str, list] | None:
    """Of a training that may stop early, for each seed: the epoch that is kept, and the last.

    And by how much the validation loss has risen from the one to the other, in nats, without its
    L2 term. None without validation.
    """
    history = curves.read_uneven_history(folder / "history.csv")
    found: dict[str, list] = {"kept": [], "last": [], "risen": []}
    for seed in np.unique(history["seed"]):
        chosen = (history["seed"] == seed) & (history["split"] == "validation")
        if not chosen.any():
            return None
        losses = (history["total"] - history["l2"])[chosen]
        found["kept"].append(int(losses.argmin()) + 1)
        found["last"].append(len(losses))
        found["risen"].append(float(losses[-1] - losses.min()))
    return found


def comparisons(
    configs: Mapping[str, Mapping],
    measured: Mapping[str, Mapping],
    spaces: Mapping[str, Mapping],
    methods: Mapping[str, Any],
    settings: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """All verdicts of the study, one set.

    Of each autoencoder with the baseline, by DECODED; of each VAE that sees the same images and has
    as many latents, by OF_LATENTS; of each classifier with the first one, by NAMED; of methods that
    denoise, by DECODED: of each autoencoder that saw clean images with the one before it, and of
    the most probable latents with their decoder's own encoder, with autoencoders of as many latents
    that saw clean images, and with each model that was trained to denoise.
    """
    baseline = settings["comparison"]["baseline"]
    found = {name: values_of(measured[name], spaces.get(name)) for name in configs}
    pairs: list[tuple[str, str, str, str]] = []
    classifiers = [name for name in configs if name not in spaces]
    for name, config in configs.items():
        other, measures = baseline, ()
        if config["kind"] == "autoencoder":
            measures = DECODED
        elif config["kind"] == "classifier":
            other, measures = classifiers[0], NAMED
        elif comparable(config, configs[baseline]):
            measures = OF_LATENTS
        if name != other:
            pairs += [
                ("variant", name, other, measure)
                for measure in measures
                if measure in found[name] and measure in found[other]
            ]
    denoised = {
        method["name"]: {name: of["values"] for name, of in method["measures"].items()}
        for method in methods["methods"]
    }
    once = [method for method in methods["methods"] if method["way"] == "reconstruct"]
    searched = {of["name"]: of["variant"] for of in methods["methods"] if of["way"] == "map"}
    names = [of["name"] for of in once if of["name"] not in searched.values()]
    clean = [name for name in names if configs[name]["training"]["noise"] == "none"]
    trained = [name for name in names if name not in clean]
    asked = [(after, before) for before, after in pairwise(clean)]
    for name, own in searched.items():
        wide = [of for of in clean if same_latents(configs[of], configs[own])]
        asked += [(name, model) for model in (own, *wide, *trained)]
    pairs += [("method", name, other, measure) for name, other in asked for measure in DECODED]
    sources = {"variant": found, "method": denoised}
    contrasts = [
        verdicts.difference(measure, sources[of][name][measure], sources[of][other][measure])
        for of, name, other, measure in pairs
    ]
    return [
        {"of": of, "variant": name, "other": other, "measure": measure, **judged._asdict()}
        for (of, name, other, measure), judged in zip(pairs, verdicts.judge(contrasts), strict=True)
    ]


def values_of(
    measures: Mapping[str, Mapping], space: Mapping[str, Any] | None
) -> dict[str, list[float]]:
    """The values over the seeds of all that is measured of a variant."""
    found = {name: of["values"] for name, of in measures.items()}
    if space:
        found["latent_accuracy"] = space["linear"]["over_images"]["values"]
        found["neighbour_distance"] = space["neighbour_distance"]["values"]
        if space["grid_confidence"]:
            found["grid_confidence"] = space["grid_confidence"]["values"]
    return found


def comparable(config: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two models have as many latents and see the same images."""
    return same_latents(config, other) and config["training"]["noise"] == other["training"]["noise"]


def same_latents(config: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return config["model"]["latent"] == other["model"]["latent"]
