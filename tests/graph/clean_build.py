"""Build everything in the current folder from nothing, with no engine: script after script.

The graph is stated here a third time, so that neither engine can be wrong unnoticed. Each script
runs in a fork that has the libraries loaded already, which is several times as fast as a process
of its own; the project's own modules are loaded anew in each.
"""

import os
import runpy
import sys
from pathlib import Path

import matplotlib.pyplot
import pandas
import pyarrow.parquet
import safetensors.torch
import skimage.metrics
import sklearn.neighbors
import torch
import typer
import typst  # noqa: F401
from ruamel.yaml import YAML

PRELOADED = (matplotlib, pandas, pyarrow, safetensors, skimage, sklearn, torch, typer)


def commands(params: dict) -> list[list[str]]:
    found = [
        [f"sample/{file_format}", sample, f"data/sample/{sample}"]
        for file_format, samples in params["samples"].items()
        for sample in samples
    ]
    for file_format, sources in params["sources"].items():
        for source in sources:
            found.append([f"ingest/{file_format}", source, f"data/interim/{source}"])
    for name, dataset in params["datasets"].items():
        folders = (f"data/interim/{dataset['source']}", f"data/processed/{name}")
        found.append(["prepare", name, *folders])
        found.append(["judge", name, folders[1], f"results/judges/{name}"])
    for name, variant in params["variants"].items():
        data = f"data/processed/{variant['dataset']}"
        judge = f"results/judges/{variant['dataset']}"
        models, evaluations, analyses = (
            f"results/{variant['study']}/{kind}/{name}"
            for kind in ("models", "evaluations", "analyses")
        )
        found += [
            ["train", name, data, models],
            ["evaluate", name, data, judge, models, evaluations],
            ["analyse", name, data, models, analyses],
        ]
    for study, own in params["studies"].items():
        found += CHAPTERS[study](own)
        found.append(["report", study, f"results/{study}/report.pdf"])
    return [*found, ["full_report", "results/report.pdf"]]


def letters(study: dict) -> list[list[str]]:
    models, evaluations, analyses, figures = (
        f"results/letters/{kind}" for kind in ("models", "evaluations", "analyses", "figures")
    )
    baselines = "results/letters/baselines"
    of_data = [
        command
        for name in study["datasets"]
        for data, judge in [(f"data/processed/{name}", f"results/judges/{name}")]
        for command in (
            ["letters/describe", name, data, f"results/letters/data/{name}"],
            ["letters/baselines", name, data, judge, f"{baselines}/{name}"],
        )
    ]
    return [
        *of_data,
        *(
            ["letters/figures", v, f"{models}/{v}", f"{analyses}/{v}", f"{figures}/{v}"]
            for v in study["variants"]
        ),
        ["letters/compare", models, evaluations, analyses, baselines, "results/letters/comparison"],
    ]


def digits(study: dict) -> list[list[str]]:
    return generative("digits", study)


def objects(study: dict) -> list[list[str]]:
    return generative("objects", study, f"data/processed/{study['datasets'][0]}")


def denoise(study: dict) -> list[list[str]]:
    results, (dataset,) = "results/denoise", study["datasets"]
    models, evaluations, analyses, figures, denoised = (
        f"{results}/{kind}"
        for kind in ("models", "evaluations", "analyses", "figures", f"denoised/{dataset}")
    )
    data, judge = f"data/processed/{dataset}", f"results/judges/{dataset}"
    return [
        ["denoise/describe", dataset, data, f"{results}/data/{dataset}"],
        *(
            ["denoise/figures", v, f"{models}/{v}", f"{analyses}/{v}", f"{figures}/{v}"]
            for v in study["variants"]
        ),
        ["denoise/methods", dataset, data, judge, models, denoised],
        [
            "denoise/compare",
            *(models, evaluations, analyses, denoised, judge, f"{results}/comparison"),
        ],
    ]


def cartoons(study: dict) -> list[list[str]]:
    results, (dataset,) = "results/cartoons", study["datasets"]
    models, evaluations, analyses, figures, attributes = (
        f"{results}/{kind}"
        for kind in ("models", "evaluations", "analyses", "figures", f"attributes/{dataset}")
    )
    data, judge = f"data/processed/{dataset}", f"results/judges/{dataset}"
    return [
        ["cartoons/describe", dataset, data, f"{results}/data/{dataset}"],
        *(
            ["cartoons/figures", v, f"{models}/{v}", data, f"{analyses}/{v}", f"{figures}/{v}"]
            for v in study["variants"]
        ),
        ["cartoons/attributes", dataset, data, judge, models, attributes],
        [
            "cartoons/compare",
            *(models, evaluations, analyses, attributes, judge, data, f"{results}/comparison"),
        ],
    ]


def faces(study: dict) -> list[list[str]]:
    results, (dataset,) = "results/faces", study["datasets"]
    models, evaluations, analyses, figures, anomaly, contrast = (
        f"{results}/{kind}"
        for kind in (
            *("models", "evaluations", "analyses", "figures"),
            *(f"anomaly/{dataset}", f"contrast/{dataset}"),
        )
    )
    data, judge = f"data/processed/{dataset}", f"results/judges/{dataset}"
    foreign = f"data/processed/{study['anomaly']['dataset']}"
    return [
        ["faces/describe", dataset, data, f"{results}/data/{dataset}"],
        *(
            ["faces/figures", v, f"{models}/{v}", f"{analyses}/{v}", f"{figures}/{v}"]
            for v in study["variants"]
        ),
        ["faces/anomaly", dataset, data, foreign, models, anomaly],
        ["faces/contrast", dataset, data, models, contrast],
        [
            "faces/compare",
            *(models, evaluations, analyses, anomaly, contrast, judge, f"{results}/comparison"),
        ],
    ]


def generative(name: str, study: dict, *beside: str) -> list[list[str]]:
    results = f"results/{name}"
    models, evaluations, analyses, figures = (
        f"{results}/{kind}" for kind in ("models", "evaluations", "analyses", "figures")
    )
    (dataset,) = study["datasets"]
    data = f"data/processed/{dataset}"
    inputs = [models, evaluations, analyses, "results/judges", *beside]
    return [
        [f"{name}/describe", dataset, data, f"{results}/data/{dataset}"],
        *(
            [f"{name}/figures", v, f"{models}/{v}", data, f"{analyses}/{v}", f"{figures}/{v}"]
            for v in study["variants"]
        ),
        [f"{name}/compare", *inputs, f"{results}/comparison"],
    ]


def second(study: dict) -> list[list[str]]:
    results = "results/second"
    return [
        *(
            ["second/describe", name, f"data/processed/{name}", f"{results}/data/{name}"]
            for name in study["datasets"]
        ),
        *(
            ["second/figures", v, f"{results}/analyses/{v}", f"{results}/figures/{v}"]
            for v in study["variants"]
        ),
        ["second/compare", f"{results}/models", f"{results}/evaluations", f"{results}/comparison"],
    ]


CHAPTERS = {
    "letters": letters,
    "digits": digits,
    "objects": objects,
    "denoise": denoise,
    "cartoons": cartoons,
    "faces": faces,
    "second": second,
}


def run(script: str, *arguments: str) -> int:
    """Run a script in a fork of this process; return its exit status."""
    child = os.fork()
    if not child:
        path = f"workflow/scripts/{script}.py"
        sys.argv = [path, *arguments]
        runpy.run_path(path, run_name="__main__")
        os._exit(0)
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    for command in commands(YAML(typ="safe").load(Path("params.yaml"))):
        if run(*command):
            sys.exit(f"clean build: {' '.join(command)} failed")
