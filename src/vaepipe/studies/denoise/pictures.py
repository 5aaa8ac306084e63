"""Figures of the denoising of the same images by every method. No model is run."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json
from vaepipe.figures import levels, minimisation, pictures
from vaepipe.measures.catalogue import CATALOGUE

OUTPUTS = ("denoised.svg", "levels.svg", "map_curve.svg")
INPUTS = ("denoising.json", "denoising.safetensors")
AXES = {
    "pictures": ("methods", "pictures", "pixels"),
    "squared_errors": ("methods", "images"),
}
MEASURES = ("psnr", "legibility")
"""Drawn against the level of noise."""
CURVE = ("steps", "mean", "low", "high")
"""What is drawn of a search."""
WORDS = {
    "noisy": "noisy images",
    "mean_image": "mean training image",
    "clean": "clean images",
    "median": "median filter",
    "pca": "PCA",
}
"""What methods are called that are no variants."""

Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0, lt=LARGEST)]


class Spread(Form):
    mean: Number
    std: Number | None
    values: Annotated[list[Number], Field(min_length=1)]


class Measures(Form):
    mse: Spread
    psnr: Spread
    ssim: Spread
    legibility: Spread


class Search(Form):
    steps: Annotated[list[Annotated[int, Field(ge=0, lt=LARGEST)]], Field(min_length=1)]
    mean: list[Number]
    low: list[Number]
    high: list[Number]
    kept: Annotated[list[Share], Field(min_length=1)]


class Method(Form):
    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    way: str
    variant: str | None
    seeds: list[int] | None
    passes: int
    measures: Measures
    named: list[Spread]
    sweep: list[Measures]
    search: Search | None


class Denoising(Form):
    """A file denoising.json."""

    shape: pictures.Shape
    classes: Annotated[list[str], Field(min_length=1)]
    noise: str
    level: Number
    images: Count
    of_classes: list[int]
    pictures: list[Annotated[str, Field(pattern="^[0-9A-Za-z-]")]]
    levels: Annotated[list[Number], Field(min_length=1)]
    sweep_images: Count
    judge: Share
    methods: list[Method]


def draw_denoising(look: Mapping[str, Any], folder: Path, *outputs: Path) -> None:
    """Draw what `denoise_all` left in a folder; the outputs are in the order of OUTPUTS."""
    arrays, facts = read_denoising(folder)
    pictures_file, levels_file, curve_file = outputs
    methods = facts["methods"]
    names = {method["name"]: word(method) for method in methods}
    rows = dict(zip(names.values(), arrays["pictures"], strict=True))
    rows.pop(names["mean_image"])
    pictures.labelled_grid(pictures_file, facts["pictures"], rows, facts["shape"], look)
    panels = {CATALOGUE[name].heading: swept(methods, name) for name in MEASURES}
    del panels[CATALOGUE["psnr"].heading][names["clean"]]
    trivial = [names[method["name"]] for method in methods if method["way"] in ("trivial", "clean")]
    levels.by_level(levels_file, facts["levels"], panels, trivial, facts["level"], look)
    curves = {
        names[method["name"]]: tuple(np.array(method["search"][key]) for key in CURVE)
        for method in methods
        if method["search"]
    }
    minimisation.falls(curve_file, curves, "squared pixels", look)


def word(method: Mapping[str, Any]) -> str:
    """What a method is called in a figure."""
    if method["way"] == "map":
        return f"MAP, {method['variant']}"
    return WORDS.get(method["name"], method["name"])


def swept(methods: list[Mapping[str, Any]], measure: str) -> dict[str, np.ndarray]:
    """Of each method, by its name in figures, a measure of its seeds at the levels, (seeds, n)."""
    return {
        word(method): np.array([of_level[measure]["values"] for of_level in method["sweep"]]).T
        for method in methods
    }


def read_denoising(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and table of the denoising in a folder.

    Raises InputError if a file is damaged or they do not meet.
    """
    table_file, arrays_file = (folder / name for name in INPUTS)
    arrays = read_arrays(arrays_file, AXES)
    facts = read_json(table_file, Denoising)
    count, shown, pixels = arrays["pictures"].shape
    methods = facts["methods"]
    names = [method["name"] for method in methods]
    if (
        count != len(methods)
        or len(set(map(word, methods))) != count
        or not {"noisy", "mean_image", "clean"} <= set(names)
        or shown != len(facts["pictures"])
        or pixels != math.prod(facts["shape"])
        or arrays["squared_errors"].shape[1] != facts["images"]
        or len(facts["of_classes"]) != len(facts["classes"])
        or not any(method["search"] for method in methods)
        or not all(fits(method, facts) for method in methods)
    ):
        raise InputError(
            f"{folder}: {INPUTS[0]} does not fit {INPUTS[1]} beside it, or its parts each other. "
            "Delete the folder and run again."
        )
    return arrays, facts


def fits(method: Mapping[str, Any], facts: Mapping[str, Any]) -> bool:
    """Whether a method has as many values as seeds, levels and classes, and all of its curve."""
    spreads = [*method["named"]]
    for measures in (method["measures"], *method["sweep"]):
        spreads += [measures[name] for name in Measures.model_fields]
    seeds = 1 if method["seeds"] is None else len(method["seeds"])
    lengths = {len(method["search"][key]) for key in CURVE} if method["search"] else {0}
    return (
        all(len(spread["values"]) == seeds for spread in spreads)
        and len(method["named"]) == len(facts["classes"])
        and len(method["sweep"]) == len(facts["levels"])
        and len(lengths) == 1
        and (method["way"] != "map" or method["variant"] is not None)
    )
