"""The tables of numbers: `make real DATA=folder`, or `python benchmarks/real.py DATA [NAME ...]`.

Each file in benchmarks/real says what it changes in params.yaml and which files of the folder DATA
it reads. It is run in a copy of this project (.cache/real/NAME), where an interrupted run goes on.
What was measured is kept in benchmarks/real/results.json, from which the tables are written: that
of NAME where README or a page of docs/ has its marks, and that of all published numbers in README.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from scipy import stats

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / folder) for folder in ("src", "tests")]

from conftest import ROOT, Project, pages

from vaepipe.core.files import replacing
from vaepipe.figures.curves import curves, read_history
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.studies.faces import pictures

OVERLAYS = ROOT / "benchmarks/real"
RESULTS = OVERLAYS / "results.json"
COPIES = ROOT / ".cache/real"

MEASURES = {
    "letters": (
        "elbo",
        "iw_bound",
        "active_units",
        "psnr",
        "legibility",
        "frechet",
        "knn_accuracy",
    ),
    "digits": (
        "elbo",
        "iw_bound",
        "kl",
        "prior_discrepancy",
        "legibility",
        "frechet",
        "knn_accuracy",
    ),
    "objects": (
        "elbo",
        "iw_bound",
        "kl",
        "ssim",
        "legibility",
        "frechet",
        "sharpness",
        "knn_accuracy",
    ),
    "denoise": ("psnr", "ssim", "legibility", "knn_accuracy", "accuracy", "cross_entropy"),
    "cartoons": ("elbo", "kl", "ssim", "legibility", "frechet", "sharpness", "last_loss"),
    "faces": ("mse", "psnr", "ssim", "legibility", "knn_accuracy"),
}
"""What the table of each study shows, where a variant's kind has it."""
JUDGED = {
    "letters": "elbo",
    "digits": "elbo",
    "objects": "elbo",
    "denoise": "psnr",
    "cartoons": "last_loss",
    "faces": "psnr",
}
"""By which it compares a variant with the baseline."""
SETTINGS = {
    "letters": {
        "latent": "z",
        "batch_size": "batch",
        "learning_rate": "learning rate",
        "warmup_epochs": "warm-up",
    },
    "digits": {"objective": "objective", "draws": "draws", "latent": "z"},
    "objects": {"objective": "objective", "latent": "z", "filters": "filters"},
    "denoise": {
        "kind": "kind",
        "body": "body",
        "latent": "z",
        "dense": "dense units",
        "noise": "noise",
    },
    "cartoons": {
        "epochs": "epochs",
        "learning_rate": "first rate",
        "last_learning_rate": "last rate",
    },
    "faces": {"kind": "kind", "hidden": "hidden", "latent": "z", "epochs": "epochs"},
}
"""Settings of a variant that it shows, and their headings."""
BASELINES = {
    "noisy": "noisy input",
    "ridge": "ridge regression",
    "pca_20": "PCA, 20 components",
    "training_images": "training images",
}
VERDICT = ("difference", "low", "high", "verdict", "settled")
DENOISERS = ("noisy", "ridge")
"""What says nothing where there is no noise."""
FROM_LATENTS = {
    "accuracy from the latents, mean over classes, %": "over_classes",
    "accuracy from the latents, over images, %": "over_images",
}
"""Of logistic regression on the latents."""
EVALUATED = {"IW bound, nats": "iw_bound", "test accuracy, %": "accuracy"}
"""Measures of an evaluation."""
PUBLISHED = ("test loss, nats", "test ELBO, nats", "bits per dimension", *EVALUATED, *FROM_LATENTS)
"""What published numbers are of."""
METHODS = {
    "noisy": "noisy input",
    "mean_image": "mean training image",
    "median": "median of 3 × 3",
    "pca": "PCA",
    "clean": "clean images",
}
"""What denoises, or tells what that is worth, and is no variant."""
DENOISED = ("psnr", "ssim", "mse", "legibility")
"""What the table of these shows."""


def read_overlays(names: Sequence[str]) -> dict[str, dict[str, Any]]:
    known = {path.stem: path for path in sorted(OVERLAYS.glob("*.yaml"))}
    for name in names:
        if name not in known:
            sys.exit(f"error: there is no {OVERLAYS}/{name}.yaml; there are {', '.join(known)}.")
    return {name: YAML(typ="safe").load(known[name]) for name in names or known}


def build(name: str, overlay: Mapping[str, Any], data: Path) -> Path:
    """Run an overlay in its copy of the project; returns the folder of the copy."""
    folder = COPIES / name
    project = Project.of_full_size(folder)
    project.edit(overlay["params"])
    study = overlay["study"]
    kept = overlay["params"].get(f"studies.{study}.variants")
    project.edit_block(
        "variants",
        lambda block: {
            n: v for n, v in block.items() if v["study"] != study or not kept or n in kept
        },
    )
    for target, source in overlay["files"].items():
        take(data, source, folder / target)
    command = ["snakemake", "--cores", "all", f"results/{study}/report.pdf"]
    if subprocess.run(command, cwd=folder, check=False).returncode:
        sys.exit(f"error: {name} was not built. Its copy of the project is {folder}.")
    return folder


def take(data: Path, source: str, target: Path) -> None:
    """Put a file of the folder of data where the project reads it, once."""
    if not (data / source).is_file():
        sys.exit(f"error: {data / source}: is not there. DATA must name a folder that holds it.")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with replacing(target) as (file,):
            shutil.copyfile(data / source, file)


def measured(folder: Path, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """What a table says of a built project."""
    study = overlay["study"]
    results, names = folder / "results" / study, MEASURES[study]
    table = json.loads((results / "comparison/comparison.json").read_text())
    described = json.loads(next(results.glob("data/*/description.json")).read_text())
    params = YAML(typ="safe").load(folder / "params.yaml")
    (dataset,) = params["studies"][study]["datasets"]
    level = params["datasets"][dataset]["level"]
    verdicts = {
        c["variant"]: {key: c.get(key) for key in VERDICT}
        for c in table["comparisons"]
        if c["other"] == table["baseline"]
        and c.get("measure", "elbo") == JUDGED[study]
        and c.get("of", "variant") == "variant"
    }
    beside = table.get("baselines", {"methods": {}})
    return {
        "study": study,
        "title": overlay["title"],
        "about": overlay["about"],
        "images": [described[split]["images"] for split in ("train", "test")],
        "epochs": max(
            (params["studies"][study]["training"] | params["variants"][name]["training"])["epochs"]
            for name in params["studies"][study]["variants"]
        ),
        "judge": beside.get("judge") or table["judge"],
        "baseline": table["baseline"],
        "variants": {
            row["name"]: {
                "settings": settings(study, row),
                "measures": {
                    name: row["measures"][name]["values"]
                    for name in names
                    if name in row["measures"]
                },
                "verdict": verdicts.get(row["name"]),
            }
            for row in table["variants"]
        },
        "baselines": {
            name: {m: v for m, v in method["measures"].items() if m in names}
            for name, method in beside["methods"].items()
            if name in BASELINES and (level or name not in DENOISERS)
        },
        "published": [of | {"values": as_published(results, of)} for of in overlay["published"]],
        "curve": {
            str(epoch): {
                row["name"]: test_objective(results, row["name"])[:, epoch - 1].tolist()
                for row in table["variants"]
            }
            for epoch in overlay.get("curve", ())
        },
        "denoised": denoised(table, params["studies"][study]) if "methods" in table else None,
        "attributes": attributes(table) if "attributes" in table else None,
        "anomaly": anomaly(table["anomaly"]) if "anomaly" in table else None,
    }


def attributes(table: Mapping[str, Any]) -> dict[str, Any]:
    """How often the test images and samples of the baseline show each value of an attribute."""
    found = table["attributes"]
    return {
        "samples": found["samples"],
        "judges": {name: judge["accuracy"] for name, judge in found["judges"].items()},
        "rows": [
            {
                "deviation": row["deviation"],
                "attribute": row["name"],
                "value": of["value"],
                "true": of["true"]["share"],
                "test": of["test"]["share"],
                "samples": {key: of["samples"][key] for key in ("share", "low", "high")},
            }
            for row in found["rows"]
            if row["variant"] == table["baseline"]
            for of in row["values"]
        ],
    }


def anomaly(found: Mapping[str, Any]) -> dict[str, Any]:
    """The area under the ROC curve of each score, for faces as they are and for coarse ones."""
    return {
        **{key: found[key] for key in ("foreign", "images", "foreign_images", "foreign_shape")},
        "scores": [
            {
                "name": pictures.word(method),
                **{
                    kind: {key: method[kind][key] for key in ("value", "low", "high")}
                    for kind in ("sharp", "coarse")
                },
            }
            for method in found["methods"]
        ],
    }


def denoised(table: Mapping[str, Any], study: Mapping[str, Any]) -> dict[str, Any]:
    """What each method makes of the same noisy images, and which of them are compared."""
    found = table["methods"]
    return {
        "images": found["images"],
        "level": found["level"],
        "components": study["denoising"]["components"],
        "methods": [
            {
                "name": method["name"],
                "passes": method["passes"],
                "measures": {name: method["measures"][name]["values"] for name in DENOISED},
            }
            for method in found["methods"]
        ],
        "comparisons": [
            {key: c.get(key) for key in ("variant", "other", "measure", *VERDICT)}
            for c in table["comparisons"]
            if c["of"] == "method"
        ],
    }


def settings(study: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a variant that the table of its study shows."""
    known = {**row["parts"], **row["model"], **row["training"]}
    return {key: known[key] for key in SETTINGS[study]}


def as_published(results: Path, published: Mapping[str, Any]) -> list[float]:
    """What a published number is of, a value a seed: a measure, or the last epoch's objective."""
    what, variant = published["what"], published["variant"]
    if what not in PUBLISHED:
        sys.exit(f"error: '{what}' is none of {', '.join(PUBLISHED)}.")
    if what in EVALUATED:
        measure = CATALOGUE[EVALUATED[what]]
        found = json.loads((results / "evaluations" / variant / "seeds.json").read_text())
        return [measure.scale * value for value in found["measures"][measure.name]["values"]]
    if what == "bits per dimension" or what in FROM_LATENTS:
        found = json.loads((results / "comparison/comparison.json").read_text())
        if what == "bits per dimension":
            return found["bits"][variant]["values"]
        linear = found["spaces"][variant]["linear"]
        return [100 * value for value in linear[FROM_LATENTS[what]]["values"]]
    values = test_objective(results, variant)[:, -1]
    return (-values if what == "test ELBO, nats" else values).tolist()


def test_objective(results: Path, variant: str) -> np.ndarray:
    """What is minimised, on the test split, in nats, after each epoch: (seeds, epochs)."""
    history = read_history(results / "models" / variant / "history.csv")
    return curves(history, "test", "total")[1]


def render(name: str, result: Mapping[str, Any]) -> str:
    """The paragraph and the table of a result."""
    train, test = result["images"]
    seeds = {len(next(iter(of["measures"].values()))) for of in result["variants"].values()}
    trainings = " to ".join(map(str, sorted({min(seeds), max(seeds)})))
    lines = [
        f"{result['title']}: {train:,} training and {test:,} test images, {result['epochs']} "
        f"epochs, {trainings} training{'' if seeds == {1} else 's'} a variant. "
        f"{result['about'].strip()} The judge names "
        f"{100 * result['judge']['accuracy']:.1f} % of the clean test images rightly, the "
        f"commonest class is {100 * result['judge']['majority']:.1f} % of them. "
        f"`make real DATA=folder ONLY={name}`:",
        "",
    ]
    if result["published"]:
        rows = [
            (
                of["source"],
                of["what"],
                signed(f"{of['value']}"),
                spread(of["values"], 2),
                agreement(of["value"], of["values"]),
            )
            for of in result["published"]
        ]
        lines += [*table(("reference", "measure", "published", "ours", "verdict"), rows), ""]
    if result["curve"]:
        names = [f"`{name}`" for name in result["variants"]]
        rows = [
            (epoch, *(spread(of[name], 2) for name in result["variants"]))
            for epoch, of in result["curve"].items()
        ]
        lines += [*table(("test objective, nats, after epoch", *names), rows), ""]
    study = result["study"]
    measures, shown = MEASURES[study], SETTINGS[study]
    head = ("variant", *shown.values(), *(CATALOGUE[name].heading for name in measures))
    judged = CATALOGUE[JUDGED[study]]
    against = f"{judged.label} against `{result['baseline']}`"
    several = len(result["variants"]) > 1
    rows = []
    for variant, of in result["variants"].items():
        settings = [
            "" if of["settings"][key] is None else stated(of["settings"][key]) for key in shown
        ]
        row = (f"`{variant}`", *settings, *cells(of["measures"], measures))
        if several:
            alone = variant == result["baseline"] or judged.name not in of["measures"]
            row = (*row, verdict(of["verdict"], judged.name) if of["verdict"] or not alone else "")
        rows.append(row)
    for method, found in result["baselines"].items():
        label = BASELINES[method]
        values = cells({measure: [value] for measure, value in found.items()}, measures)
        rows.append((label, *([""] * len(shown)), *values, *([""] if several else [])))
    lines += table((*head, against) if several else head, rows)
    if result["denoised"]:
        lines += methods_tables(result["denoised"])
    if result["attributes"]:
        lines += attributes_table(result["attributes"], result["baseline"])
    if result["anomaly"]:
        lines += anomaly_table(result["anomaly"])
    return "\n".join(lines)


SUMMARY = "published"
"""The marks of the table of all published numbers."""


def summary(results: Mapping[str, Any]) -> str:
    """Published numbers, ours and the verdicts, a row each."""
    rows = [
        (
            of["source"],
            of["what"],
            signed(f"{of['value']}"),
            spread(of["values"], 2),
            f"{len(of['values'])} × {result['epochs']} epochs, {result['images'][0]:,} images",
            agreement(of["value"], of["values"]),
        )
        for result in results.values()
        for of in result["published"]
    ]
    head = ("reference", "measure", "published", "ours", "trainings of ours", "verdict")
    return "\n".join(table(head, rows))


def methods_tables(found: Mapping[str, Any]) -> list[str]:
    """What methods make of the same noisy images, and what the seeds decide of two of them."""
    head = ("method", "passes through a decoder", *(CATALOGUE[name].heading for name in DENOISED))
    rows = [
        (method_name(of["name"]), str(of["passes"] or ""), *cells(of["measures"], DENOISED))
        for of in found["methods"]
    ]
    pairs = [
        (
            method_name(c["variant"]),
            method_name(c["other"]),
            CATALOGUE[c["measure"]].heading,
            change(c["difference"], c["measure"]),
            verdict(c, c["measure"]),
        )
        for c in found["comparisons"]
    ]
    return [
        "",
        f"The first {found['images']} test images with noise of the deviation {found['level']}, by "
        "each method; `map_…` is the search for the most probable latent under the decoder of a "
        "variant, whose own encoder sees the image once; PCA has "
        f"{found['components']} components. Legibility is relative to the judge's accuracy on all "
        "test images, so that these may have more than 1; an error counts as that of rounding to "
        "8 bits at least:",
        "",
        *table(head, rows),
        "",
        *table(("method", "against", "measure", "difference", "verdict"), pairs),
    ]


def attributes_table(found: Mapping[str, Any], variant: str) -> list[str]:
    """What test images show, what judges say of them, and what they say of samples."""
    deviations = list(dict.fromkeys(row["deviation"] for row in found["rows"]))
    head = (
        "attribute",
        "value",
        "test images",
        "by the judge",
        *(f"samples, σ = {deviation:g}" for deviation in deviations),
    )
    of_value: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in found["rows"]:
        of_value.setdefault((row["attribute"], row["value"]), []).append(row)
    rows = [
        (
            attribute,
            value,
            percent(of[0]["true"]),
            percent(of[0]["test"]),
            *(
                f"{percent(row['samples']['share'])} ({percent(row['samples']['low'])} to "
                f"{percent(row['samples']['high'])})"
                for row in of
            ),
        )
        for (attribute, value), of in of_value.items()
    ]
    right = ", ".join(f"{name} {percent(share)}" for name, share in found["judges"].items())
    return [
        "",
        f"What {found['samples']:,} samples of each seed of `{variant}` show by the judge of each "
        f"attribute (right about the test images: {right}), with 95 % intervals:",
        "",
        *table(head, rows),
    ]


def anomaly_table(found: Mapping[str, Any]) -> list[str]:
    sides = " × ".join(map(str, found["foreign_shape"][:2]))
    head = ("score", "AUC, faces as they are", f"AUC, faces reduced to {sides}")
    rows = [
        (
            of["name"],
            *(
                "{value:.3f} ({low:.3f} to {high:.3f})".format_map(of[kind])
                for kind in ("sharp", "coarse")
            ),
        )
        for of in found["scores"]
    ]
    return [
        "",
        f"How {found['foreign_images']:,} test images of `{found['foreign']}` are told from "
        f"{found['images']:,} of faces by each score, with 95 % intervals over images:",
        "",
        *table(head, rows),
    ]


def percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def method_name(name: str) -> str:
    return METHODS.get(name, f"`{name}`")


def cells(found: Mapping[str, Sequence[float]], measures: Sequence[str]) -> list[str]:
    """The values of each measure; blank where there are none."""
    return [scaled(measure, found[measure]) if measure in found else "" for measure in measures]


def stated(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def scaled(measure: str, values: Sequence[float]) -> str:
    of = CATALOGUE[measure]
    return spread([of.scale * value for value in values], of.digits)


def spread(values: Sequence[float], digits: int) -> str:
    """A mean and, of several, their standard deviation."""
    mean = signed(f"{np.mean(values):.{digits}f}")
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else mean


def change(value: float, measure: str) -> str:
    """A difference in a measure, with its sign."""
    of = CATALOGUE[measure]
    return signed(f"{of.scale * value:+.{of.digits}f}")


def verdict(found: Mapping[str, Any] | None, measure: str) -> str:
    if found is None:
        return "not compared"
    if found["low"] is None:
        return found["verdict"]
    low, high = (change(found[end], measure) for end in ("low", "high"))
    moving = ", still moving" if found["settled"] is False else ""
    return f"{found['verdict']} ({low} to {high}{moving})"


def agreement(published: float, values: Sequence[float]) -> str:
    """Whether one more training of ours would have a value such as the published one.

    By the 95 % prediction interval of a normal law (Hahn & Meeker 1991); of one or two trainings
    the differences are all there is.
    """
    mean, n = np.mean(values), len(values)
    side = "lower" if mean < published else "higher"
    if n <= 2:
        differences = " and ".join(signed(f"{value - published:+.2f}") for value in values)
        return f"ours less the published: {differences}"
    reach = stats.t.ppf(0.975, n - 1) * np.std(values, ddof=1) * np.sqrt(1 + 1 / n)
    where = signed(f"{mean - reach:.2f} to {mean + reach:.2f}")
    if abs(published - mean) <= reach:
        return f"where 95 % of ours are: {where}"
    return f"ours is {side}: 95 % are {where}"


def signed(number: str) -> str:
    return number.replace("-", "\N{MINUS SIGN}")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def markers(name: str) -> tuple[str, str]:
    return f"<!-- real: {name} -->", f"<!-- end of {name} -->"


def place(name: str) -> Path:
    """The page that has the marks of a table."""
    begin, end = markers(name)
    found = [page for page in pages() if begin in page.read_text()]
    if len(found) != 1 or not re.search(f"{begin}.*{end}", found[0].read_text(), re.DOTALL):
        sys.exit(f"error: no page, or more than one, has a place for {begin} and {end}.")
    return found[0]


def written(page: str, tables: Mapping[str, str]) -> str:
    """The text of a page with each of these tables that has its place there."""
    for name, text in tables.items():
        begin, end = markers(name)
        page = re.sub(
            f"{begin}.*?{end}",
            lambda _, whole=f"{begin}\n{text}\n\n{end}": whole,
            page,
            flags=re.DOTALL,
        )
    return page


def tables(results: Mapping[str, Any]) -> dict[str, str]:
    """All tables of what was measured, by the names in their marks."""
    return {name: render(name, of) for name, of in results.items()} | {SUMMARY: summary(results)}


def main(data: str, *names: str) -> None:
    overlays = read_overlays(names)
    for name in (SUMMARY, *overlays):
        place(name)
    for name, overlay in overlays.items():
        found = measured(build(name, overlay, Path(data).resolve()), overlay)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        results[name] = found
        changed = sorted({place(name), place(SUMMARY)})
        with replacing(RESULTS, *changed) as (results_file, *files):
            results_file.write_text(json.dumps(results, indent=1) + "\n")
            for page, file in zip(changed, files, strict=True):
                file.write_text(written(page.read_text(), tables(results)))


if __name__ == "__main__":
    os.chdir(ROOT)
    main(*sys.argv[1:])
