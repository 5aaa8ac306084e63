"""Figures of other images told from faces, and of an autoencoder beside a VAE. No model is run."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json
from vaepipe.figures import pictures
from vaepipe.figures.roc import draw_curves
from vaepipe.measures import roc

ANOMALY = ("roc.svg", "extremes.svg")
CONTRAST = ("noise.svg", "samples.svg", "between.svg", "equal.svg")
OUTPUTS = (*ANOMALY, *CONTRAST)
AXES = {
    "normal": ("methods", "images"),
    "coarse": ("methods", "images"),
    "foreign": ("methods", "foreign images"),
    "extremes": ("sets", "ends", "pictures", "pixels"),
    "decoded": ("sets", "ends", "pictures", "pixels"),
}
WORDS = {
    "reconstruction_error": "error of",
    "negative_elbo": "negative ELBO of",
    "mean_image": "distance to the mean image",
    "pca": "residual of a PCA",
}
"""What scores are called."""
SETS = ("face", "other")
"""The columns of the figure of extremes, in the order of its sets."""
ENDS = ("lowest", "highest")
"""Its rows, in the order of its ends; below each is what is decoded."""
OF_CONTRAST = {
    "data": ("pictures", "pixels"),
    "crossfade": ("steps", "pairs", "pixels"),
    "equal": ("versions", "pixels"),
    **{
        f"{kind}_{name}": axes
        for kind in ("autoencoder", "vae")
        for name, axes in {
            "aggregate": ("multiples", "pictures", "pixels"),
            "prior": ("samples", "pixels"),
            "fitted": ("samples", "pixels"),
            "between": ("steps", "pairs", "pixels"),
        }.items()
    },
}
LINES = 2
"""Pairs of images between which pictures are shown, at the most."""

NARROW = 0.6
"""Of the text's width: grids that stand side by side, in which names shall be legible."""

Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(gt=0, lt=LARGEST)]


class Estimate(Form):
    value: Number
    low: Number
    high: Number


class Measured(Estimate):
    aucs: Annotated[list[Share], Field(min_length=1)]
    against: str
    difference: Estimate | None


class Method(Form):
    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    variant: str | None
    sharp: Measured
    coarse: Measured


class Preference(Form):
    higher: Share
    aucs: list[Share]
    auc: Estimate
    verdict: str


class Preferences(Form):
    sharp: Preference
    coarse: Preference


class Anomaly(Form):
    """A file anomaly.json."""

    shape: pictures.Shape
    foreign: str
    foreign_shape: pictures.Shape
    images: Count
    foreign_images: Count
    methods: Annotated[list[Method], Field(min_length=1)]
    preference: Preferences


class Of(Form):
    nearest: Number
    relative: Number
    sharpness: Number


class Moved(Of):
    moved: Number


class Found(Form):
    """What is found of one training."""

    data: Of
    mean_image: Of
    decoded: Of
    aggregate: Annotated[list[Moved], Field(min_length=1)]
    posterior: Annotated[list[Moved], Field(min_length=1)] | None
    prior: Of
    fitted: Of
    between: Annotated[list[Of], Field(min_length=3)]
    crossfade: Annotated[list[Of], Field(min_length=3)]


class Kinds(Form):
    autoencoder: Annotated[list[Found], Field(min_length=1)]
    vae: Annotated[list[Found], Field(min_length=1)]


class Way(Form):
    mse: Number
    ssim: Number
    nearest: Number


class Equal(Form):
    images: Count
    ways: Annotated[dict[str, Way], Field(min_length=2)]


class Contrast(Form):
    """A file contrast.json."""

    shape: pictures.Shape
    autoencoder: str
    vae: str
    images: Count
    samples: Count
    multiples: Annotated[list[Number], Field(min_length=1)]
    steps: Count
    found: Kinds
    equal: Equal


def read_anomaly(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Scores and table in a folder; raises InputError if a file is damaged or they do not meet."""
    arrays = read_arrays(folder / "anomaly.safetensors", AXES)
    facts = read_json(folder / "anomaly.json", Anomaly)
    if (
        arrays["normal"].shape != (len(facts["methods"]), facts["images"])
        or arrays["foreign"].shape[1] != facts["foreign_images"]
        or arrays["extremes"].shape[:2] != (2, 2)
        or arrays["extremes"].shape[3] != math.prod(facts["shape"])
        or not {of["name"] for of in facts["methods"]} <= WORDS.keys()
    ):
        raise InputError(
            f"{folder}: anomaly.json does not fit anomaly.safetensors beside it. Delete the folder "
            "and run again."
        )
    return arrays, facts


def draw_anomaly(look: Mapping[str, Any], folder: Path, *outputs: Path) -> None:
    """Draw what `tell_apart` left in a folder; the outputs are in the order of OUTPUTS."""
    arrays, facts = read_anomaly(folder)
    curves_file, extremes_file = outputs
    names = [word(method) for method in facts["methods"]]
    height, width = facts["foreign_shape"][:2]
    panels = {"faces as they are": "normal", f"faces reduced to {height} × {width}": "coarse"}
    draw_curves(
        curves_file,
        {
            title: {
                name: roc.curve(normal, foreign)
                for name, normal, foreign in zip(names, arrays[key], arrays["foreign"], strict=True)
            }
            for title, key in panels.items()
        },
        [word(method) for method in facts["methods"] if not method["variant"]],
        look,
    )
    shown, decoded = (np.concatenate(arrays[name], axis=1) for name in ("extremes", "decoded"))
    columns = [name for name in SETS for _ in range(arrays["extremes"].shape[2])]
    rows = {}
    for place, name in enumerate(ENDS):
        rows |= {name: shown[place], "decoded" + " " * place: decoded[place]}
    pictures.labelled_grid(extremes_file, columns, rows, facts["shape"], look)


def read_contrast(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Pictures and table in a folder; raises InputError if one is damaged or they do not meet."""
    arrays = read_arrays(folder / "contrast.safetensors", OF_CONTRAST)
    facts = read_json(folder / "contrast.json", Contrast)
    found = [of for seeds in facts["found"].values() for of in seeds]
    if (
        len(arrays["autoencoder_aggregate"]) != len(facts["multiples"])
        or len(arrays["crossfade"]) != facts["steps"]
        or len(arrays["equal"]) != 1 + len(facts["equal"]["ways"])
        or arrays["data"].shape[1] != math.prod(facts["shape"])
        or {len(of["aggregate"]) for of in found} != {len(facts["multiples"])}
        or {len(of["between"]) for of in found} != {facts["steps"]}
    ):
        raise InputError(
            f"{folder}: contrast.json does not fit contrast.safetensors beside it. Delete the "
            "folder and run again."
        )
    return arrays, facts


def draw_contrast(look: Mapping[str, Any], folder: Path, *outputs: Path) -> None:
    """Draw what `contrast` left in a folder; the outputs are in the order of CONTRAST."""
    arrays, facts = read_contrast(folder)
    noise_file, samples_file, between_file, equal_file = outputs
    names = {kind: facts[kind] for kind in ("autoencoder", "vae")}
    shape, shown = facts["shape"], len(arrays["data"])
    narrow = {**look, "width": NARROW * look["width"]}
    rows = {"test image": arrays["data"]}
    for kind, name in names.items():
        for multiple, images in zip(facts["multiples"], arrays[f"{kind}_aggregate"], strict=True):
            rows[f"{name}, {multiple:g}"] = images
    pictures.labelled_grid(noise_file, [""] * shown, rows, shape, narrow)
    rows = {
        f"{name}, {law}": arrays[f"{kind}_{key}"]
        for kind, name in names.items()
        for key, law in (("prior", "N(0, I)"), ("fitted", "fitted"))
    }
    pictures.labelled_grid(samples_file, [""] * shown, rows, shape, narrow)
    rows = {}
    for pair in range(min(LINES, arrays["crossfade"].shape[1])):
        for kind, name in names.items():
            rows[name + " " * pair] = arrays[f"{kind}_between"][:, pair]
        rows["faded" + " " * pair] = arrays["crossfade"][:, pair]
    pictures.labelled_grid(between_file, [""] * facts["steps"], rows, shape, narrow)
    titles = ["test image", *facts["equal"]["ways"]]
    pictures.examples(equal_file, [arrays["equal"]], titles, shape, look)


def word(method: Mapping[str, Any]) -> str:
    """What a method is called in a figure."""
    name = WORDS[method["name"]]
    return f"{name} {method['variant']}" if method["variant"] else name
