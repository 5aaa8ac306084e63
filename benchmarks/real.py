"""The tables of README: `make real DATA=folder`, or `python benchmarks/real.py DATA [NAME ...]`.

Each file in benchmarks/real says what it changes in params.yaml and which files of the folder DATA
it reads. It is run in a copy of this project (.cache/real/NAME), where an interrupted run goes on.
What was measured is kept in benchmarks/real/results.json, from which README's tables are written.
"""

import json
import os
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

from conftest import ROOT, Project

from vaepipe.core.files import replacing
from vaepipe.figures.curves import curves, read_history
from vaepipe.measures.catalogue import CATALOGUE

OVERLAYS = ROOT / "benchmarks/real"
RESULTS = OVERLAYS / "results.json"
README = ROOT / "README.md"
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
}
"""What the table of each study shows."""
SETTINGS = {
    "letters": {
        "latent": "z",
        "batch_size": "batch",
        "learning_rate": "learning rate",
        "warmup_epochs": "warm-up",
    },
    "digits": {"objective": "objective", "draws": "draws", "latent": "z"},
    "objects": {"objective": "objective", "latent": "z", "filters": "filters"},
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
PUBLISHED = ("test loss, nats", "test ELBO, nats", "IW bound, nats", "bits per dimension")
"""What published numbers are of."""


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
    """What README says of a built project."""
    study = overlay["study"]
    results, names = folder / "results" / study, MEASURES[study]
    table = json.loads((results / "comparison/comparison.json").read_text())
    described = json.loads(next(results.glob("data/*/description.json")).read_text())
    params = YAML(typ="safe").load(folder / "params.yaml")
    (dataset,) = params["studies"][study]["datasets"]
    level = params["datasets"][dataset]["level"]
    verdicts = {
        c["variant"]: {
            key: c.get(key) for key in ("difference", "low", "high", "verdict", "settled")
        }
        for c in table["comparisons"]
        if c["other"] == table["baseline"] and c.get("measure", "elbo") == "elbo"
    }
    beside = table.get("baselines", {"methods": {}})
    return {
        "study": study,
        "title": overlay["title"],
        "about": overlay["about"],
        "images": [described[split]["images"] for split in ("train", "test")],
        "epochs": params["studies"][study]["training"]["epochs"],
        "judge": beside.get("judge") or table["judge"],
        "baseline": table["baseline"],
        "variants": {
            row["name"]: {
                "settings": settings(study, row),
                "measures": {name: row["measures"][name]["values"] for name in names},
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
    }


def settings(study: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a variant that the table of its study shows."""
    known = {**row["parts"], **row["model"], **row["training"]}
    return {key: known[key] for key in SETTINGS[study]}


def as_published(results: Path, published: Mapping[str, Any]) -> list[float]:
    """What a published number is of, a value a seed: of a bound, or the last epoch's objective."""
    what, variant = published["what"], published["variant"]
    if what not in PUBLISHED:
        sys.exit(f"error: '{what}' is none of {', '.join(PUBLISHED)}.")
    if what == "IW bound, nats":
        found = json.loads((results / "evaluations" / variant / "seeds.json").read_text())
        return found["measures"]["iw_bound"]["values"]
    if what == "bits per dimension":
        found = json.loads((results / "comparison/comparison.json").read_text())
        return found["bits"][variant]["values"]
    values = test_objective(results, variant)[:, -1]
    return (-values if what == "test ELBO, nats" else values).tolist()


def test_objective(results: Path, variant: str) -> np.ndarray:
    """What is minimised, on the test split, in nats, after each epoch: (seeds, epochs)."""
    history = read_history(results / "models" / variant / "history.csv")
    return curves(history, "test", "total")[1]


def render(name: str, result: Mapping[str, Any]) -> str:
    """The paragraph and the table of a result, as README has them."""
    train, test = result["images"]
    seeds = len(next(iter(result["variants"].values()))["measures"]["elbo"])
    lines = [
        f"{result['title']}: {train:,} training and {test:,} test images, {result['epochs']} "
        f"epochs, {seeds} {'training' if seeds == 1 else 'trainings'} a variant. "
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
    against = f"ELBO against `{result['baseline']}`"
    several = len(result["variants"]) > 1
    rows = []
    for variant, of in result["variants"].items():
        settings = [
            "" if of["settings"][key] is None else stated(of["settings"][key]) for key in shown
        ]
        values = [scaled(measure, of["measures"][measure]) for measure in measures]
        row = (f"`{variant}`", *settings, *values)
        rows.append((*row, verdict(of["verdict"])) if several else row)
    for method, found in result["baselines"].items():
        label = BASELINES[method]
        cells = [
            scaled(measure, [found[measure]]) if measure in found else "" for measure in measures
        ]
        rows.append((label, *([""] * len(shown)), *cells, *([""] if several else [])))
    return "\n".join(lines + table((*head, against) if several else head, rows))


def stated(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def scaled(measure: str, values: Sequence[float]) -> str:
    of = CATALOGUE[measure]
    return spread([of.scale * value for value in values], of.digits)


def spread(values: Sequence[float], digits: int) -> str:
    """A mean and, of several, their standard deviation."""
    mean = signed(f"{np.mean(values):.{digits}f}")
    return f"{mean} ± {np.std(values, ddof=1):.{digits}f}" if len(values) > 1 else mean


def verdict(found: Mapping[str, Any] | None) -> str:
    if found is None:
        return ""
    if found["low"] is None:
        return found["verdict"]
    low, high = (signed(f"{found[end]:+.1f}") for end in ("low", "high"))
    moving = ", still moving" if found["settled"] is False else ""
    return f"{found['verdict']} ({low} to {high}{moving})"


def agreement(published: float, values: Sequence[float]) -> str:
    """Whether one more training of ours would have a value such as the published one.

    By the 95 % prediction interval of a normal law (Hahn & Meeker 1991); of one training the
    difference is all there is.
    """
    mean, n = np.mean(values), len(values)
    side = "lower" if mean < published else "higher"
    if n == 1:
        return f"ours is {side} by {abs(mean - published):.2f}"
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


def written(readme: str, results: Mapping[str, Any]) -> str:
    """README with the tables of all results in their places."""
    for name, result in results.items():
        begin, end = markers(name)
        if readme.count(begin) != 1 or end not in readme.partition(begin)[2]:
            sys.exit(f"error: README.md has no place for this table: {begin} and {end}.")
        before, _, rest = readme.partition(begin)
        after = rest.partition(end)[2]
        readme = f"{before}{begin}\n{render(name, result)}\n\n{end}{after}"
    return readme


def main(data: str, *names: str) -> None:
    for name, overlay in read_overlays(names).items():
        found = measured(build(name, overlay, Path(data).resolve()), overlay)
        results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        with replacing(RESULTS, README) as (results_file, readme_file):
            results[name] = found
            results_file.write_text(json.dumps(results, indent=1) + "\n")
            readme_file.write_text(written(README.read_text(), results))


if __name__ == "__main__":
    os.chdir(ROOT)
    main(*sys.argv[1:])
