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
    data = "data/processed/letters"
    models, evaluations, figures = (
        f"results/letters/{kind}" for kind in ("models", "evaluations", "figures")
    )
    found = [
        ["ingest_emnist", "letters", "data/interim/letters"],
        ["corrupt", "letters", "data/interim/letters", data],
        ["letters_data", "letters", data, "results/letters/data/letters"],
    ]
    for v in params["studies"]["letters"]["variants"]:
        found += [
            ["train", v, data, f"{models}/{v}"],
            ["evaluate", v, data, f"{models}/{v}", f"{evaluations}/{v}"],
            ["letters_figures", v, f"{models}/{v}", f"{evaluations}/{v}", f"{figures}/{v}"],
        ]
    return [
        *found,
        ["letters_compare", models, evaluations, "results/letters/comparison"],
        ["report", "results/report.pdf"],
    ]


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
