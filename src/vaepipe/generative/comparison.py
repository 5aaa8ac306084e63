"""The variants of a study of generative models side by side: measures, verdicts, objectives."""

from collections.abc import Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vaepipe.core.files import Form, read_json
from vaepipe.core.provenance import check_folders
from vaepipe.figures import curves, estimates, pictures
from vaepipe.figures.architecture import summary
from vaepipe.generative.figures import read_analysis, read_snapshots
from vaepipe.measures import catalogue, verdicts
from vaepipe.measures.catalogue import OF_KIND
from vaepipe.measures.convergence import window
from vaepipe.measures.table import Assembled, VAEMeasures, describe, read_results, spreads

FIGURES = ("objectives.svg", "measures.svg")
"""Those that `compare` draws, in this order."""


class Model(Form):
    latent: int
    filters: list[int] | None
    hidden: list[int] | None
    activation: str | None


class Training(Form):
    epochs: int
    batch_size: int
    learning_rate: float
    beta: float | None
    warmup_epochs: int | None
    draws: int | None
    mmd_weight: float | None


class Config(Assembled):
    """A file config.json."""

    model: Model
    training: Training


class Judge(Form):
    """A file judge.json."""

    accuracy: float
    majority: float


def compare(
    study: str,
    judged: Sequence[str],
    settings: Mapping[str, Any],
    models: Path,
    evaluations: Path,
    analyses: Path,
    judges: Path,
    *outputs: Path,
) -> dict[str, Any]:
    """Draw all variants, and return their table; the outputs are in the order of FIGURES.

    The settings are the study's `datasets`, `variants`, `figures` and `comparison`; `judged` are
    the measures by which each variant is compared with the baseline, all together one set. Raises
    InputError if a folder belongs to no variant: it must enter no result.
    """
    variants, (dataset,) = settings["variants"], settings["datasets"]
    folders = [models, evaluations, analyses, models.with_name("figures")]
    check_folders(folders, variants, "variant")
    configs = {name: read_json(models / name / "config.json", Config) for name in variants}
    for name in variants:
        read_json(evaluations / name / "seeds.json", VAEMeasures)
    measured = read_results(study, evaluations)
    histories = {name: curves.read_history(models / name / "history.csv") for name in variants}
    objectives_file, measures_file = outputs
    terms = by_epoch(configs, histories)
    curves.terms(objectives_file, terms, settings["figures"])
    content = table(configs, measured, judged, settings["comparison"])
    values = {
        of.heading: _values(content["variants"], of.name, of.scale)
        for of in map(catalogue.CATALOGUE.get, judged)
    }
    estimates.by_variant(measures_file, values, settings["figures"])
    found = {name: read_analysis(analyses / name) for name in variants}
    judge = read_json(judges / dataset / "judge.json", Judge)
    epochs = next(iter(configs.values()))["training"]["epochs"]
    return content | {
        "window": window(epochs),
        "moves": moves(terms, window(epochs)),
        "judge": {key: judge[key] for key in Judge.model_fields},
        "latents": {name: latent_space(*of) for name, of in found.items()},
        "estimates": {name: errors(*of) for name, of in found.items()},
        "architectures": {
            name: summary(facts["architecture"]) for name, (_, facts) in found.items()
        },
    }


def draw_reconstructions(
    target: Path,
    models: Mapping[str, Path],
    data: Path,
    shape: Sequence[int],
    look: Mapping[str, Any],
) -> None:
    """The first test images, and what the first seed of each variant makes of them."""
    rows = {}
    for name, folder in models.items():
        classes, originals, snapshots = read_snapshots(folder, data, shape)
        rows |= {"test image": originals, name: snapshots[-1]}
    pictures.labelled_grid(target, classes, rows, shape, look)


def latent_space(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What k-NN says of the classes in the latent space of a variant's first seed.

    Of each class the share that it names rightly, and of each pair the mean share that is taken for
    the other class, the pairs that overlap most first; and the share of the KL that is in the two
    latents of most.
    """
    shares, names = arrays["confusion"], facts["classes"]
    ranked = -np.sort(-arrays["kl_per_latent"][0])
    pairs = [
        {
            "classes": [names[one], names[other]],
            "overlap": float(shares[one, other] + shares[other, one]) / 2,
        }
        for one, other in combinations(range(len(names)), 2)
    ]
    return {
        "right": dict(zip(names, np.diag(shares).tolist(), strict=True)),
        "pairs": sorted(pairs, key=lambda pair: -pair["overlap"]),
        "explained": facts["explained"],
        "kl_of_two": float(ranked[:2].sum() / ranked.sum()) if ranked.sum() else 0.0,
    }


def moves(terms: Mapping[str, Mapping], epochs: int) -> dict[str, dict[str, Any]]:
    """By how much the mean curve of each variant moved over so many last epochs, in nats.

    Of the ELBO, else the reconstruction, else a bound.
    """
    found: dict[str, dict[str, Any]] = {}
    for term in dict.fromkeys(("ELBO", "reconstruction", *terms)):
        for name, (_, values) in terms.get(term, {}).items():
            mean = values.mean(0)
            moved = float(mean[-1] - mean[max(-len(mean), -1 - epochs)])
            found.setdefault(name, {"term": term, "moved": moved})
    return found


def errors(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Root mean square errors of the estimates of a variant's first seed, by numbers of draws."""
    derivative = facts["gradient"]
    exact = {"kl_estimates": facts["kl"], "pathwise": derivative, "score": derivative}
    found = {
        name: np.sqrt(((arrays[name] - value) ** 2).mean(1)).tolist()
        for name, value in exact.items()
    }
    stated = ("draws", "kl", "gradient", "gradient_draws")
    return found | {name: facts[name] for name in stated}


def by_epoch(
    configs: Mapping[str, Mapping], histories: Mapping[str, curves.History]
) -> dict[str, dict[str, tuple[np.ndarray, np.ndarray]]]:
    """Curves on the test split in nats, for each variant that has them: epochs and (seeds, epochs).

    The ELBO, of objectives with a KL; the reconstruction; the bound of each number of draws.
    """
    found: dict[str, dict[str, tuple[np.ndarray, np.ndarray]]] = {}
    for name, history in histories.items():
        if "kl" in history:
            epochs, kl = curves.curves(history, "test", "kl")
            reconstruction = curves.curves(history, "test", "reconstruction")[1]
            found.setdefault("ELBO", {})[name] = epochs, -reconstruction - kl
        if "reconstruction" in history:
            of = curves.curves(history, "test", "reconstruction")
            found.setdefault("reconstruction", {})[name] = of
        if "bound" in history:
            epochs, bound = curves.curves(history, "test", "bound")
            draws = configs[name]["training"]["draws"]
            found.setdefault(f"bound of {draws} draws", {})[name] = epochs, -bound
    return found


def table(
    configs: Mapping[str, Mapping],
    measured: pd.DataFrame,
    judged: Sequence[str],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    """Rows in the order of the configurations; the best of each measure; verdicts.

    `measured` is a table as of `vaepipe.results`. All verdicts are one set: of each variant with
    the baseline, by each measure of `judged`. MMD from the prior compares variants of as many
    latents only, since its kernel's widths grow with their number.
    """
    baseline = settings["baseline"]
    found = spreads(measured)
    rows = [
        describe(name, config, found[name])
        | {
            "model": {key: config["model"][key] for key in Model.model_fields},
            "training": {key: config["training"][key] for key in Training.model_fields},
        }
        for name, config in configs.items()
    ]
    others = [name for name in configs if name != baseline]
    latents = {name: config["model"]["latent"] for name, config in configs.items()}
    pairs = [
        (name, measure)
        for name, measure in product(others, judged)
        if measure != "prior_discrepancy" or latents[name] == latents[baseline]
    ]
    contrasts = [
        verdicts.difference(
            measure, found[name][measure]["values"], found[baseline][measure]["values"]
        )
        for name, measure in pairs
    ]
    comparisons = verdicts.judge(contrasts)
    values = {name: _values(rows, name) for name in OF_KIND["vae"]}
    best = {name: verdicts.best(of_variants, name) for name, of_variants in values.items()}
    if len(set(latents.values())) > 1:
        best["prior_discrepancy"] = []
    return {
        "baseline": baseline,
        "columns": catalogue.facts(settings["measures"]),
        "judged": catalogue.facts(judged),
        "best": best,
        "variants": rows,
        "comparisons": [
            {"variant": name, "other": baseline, "measure": measure, **of._asdict()}
            for (name, measure), of in zip(pairs, comparisons, strict=True)
        ],
    }


def _values(
    rows: Sequence[Mapping[str, Any]], measure: str, scale: float = 1.0
) -> dict[str, list[float]]:
    """The values of a measure over the seeds of each variant."""
    return {
        row["name"]: [scale * value for value in row["measures"][measure]["values"]] for row in rows
    }
