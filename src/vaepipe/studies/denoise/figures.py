"""The figures of the study `denoise`. Arrays and tables in, SVG files out; no model is run here."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json
from vaepipe.figures import architecture, classes, curves, latents, pictures
from vaepipe.generative.figures import DESCRIPTION, PRINCIPAL, describe_data
from vaepipe.measures.calibration import reliability

__all__ = ["DESCRIPTION", "OF_A_VARIANT", "describe_data", "draw_variant", "read_analysis"]

OF_A_VARIANT = ("architecture.svg", "losses.svg", "confusion.svg", "pictures.svg", "view.svg")
"""Of all kinds. The last two are reconstructions and the plane of codes of what has a decoder, and
mistakes and the reliability of a classifier."""

DECODED = {
    "originals": ("pictures", "pixels"),
    "decoded": ("test images", "pixels"),
    "codes": ("test images", "latents"),
    "plane": ("test images", "plane"),
    "labels": ("test images",),
    "linear": ("seeds", "classes"),
    "knn": ("seeds", "classes"),
    "confusion": ("classes", "classes"),
}
"""Arrays of the analysis of what has a decoder."""
GRID = {"grid": ("seeds", "rows", "columns", "pixels")}
"""And where it has two latents."""
CLASSIFIED = {
    "probabilities": ("seeds", "test images", "classes"),
    "labels": ("test images",),
    "mistakes": ("mistakes", "pixels"),
    "confusion": ("classes", "classes"),
}
"""Those of a classifier."""

OF_SEEDS = ("on_axes", "alive", "neighbour_distance", "neighbour_control", "stretch")
"""Facts that have a value a seed."""

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(ge=0, lt=LARGEST)]
Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]
Name = Annotated[str, Field(pattern="^[0-9A-Za-z-]")]
OfSeeds = Field(min_length=1)


class Facts(Form):
    """A file analysis.json of any kind."""

    shape: pictures.Shape
    classes: Annotated[list[Name], Field(min_length=1)]
    architecture: architecture.LayersOfAnyKind


class Principal(Form):
    """What principal components have for latents."""

    linear: list[Share]
    knn: list[Share]
    psnr: Number


class Decoded(Facts):
    """That of what has a decoder."""

    latent: Annotated[int, Field(ge=2)]
    explained: float
    on_axes: Annotated[list[Share], OfSeeds]
    alive: Annotated[list[Annotated[int, Field(ge=0, lt=LARGEST)]], OfSeeds]
    neighbour_distance: Annotated[list[Positive], OfSeeds]
    neighbour_control: Annotated[list[Positive], OfSeeds]
    stretch: Annotated[list[Positive], OfSeeds]
    principal: Principal
    extent: (
        Annotated[
            list[Annotated[list[Number], Field(min_length=2, max_length=2)]],
            Field(min_length=2, max_length=2),
        ]
        | None
    )


class Mistake(Form):
    label: Name
    named: Name
    confidence: Share


class Classified(Facts):
    """That of a classifier."""

    mistakes: Annotated[list[Mistake], Field(min_length=1)]


def read_analysis(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a variant; raises InputError if a file is damaged or they do not meet."""
    path = folder / "analysis.json"
    decodes = bool(architecture.of_part(read_json(path, Facts)["architecture"], "decoder"))
    facts = read_json(path, Decoded if decodes else Classified)
    axes = DECODED if decodes else CLASSIFIED
    if decodes and facts["latent"] == 2:
        axes = axes | GRID
    arrays = read_arrays(folder / "arrays.safetensors", axes)
    fits = _decoded_fit if decodes else _classified_fit
    names, labels = facts["classes"], arrays["labels"]
    if (
        facts["architecture"][0]["input"] != [math.prod(facts["shape"])]
        or len(arrays["confusion"]) != len(names)
        or not 0 <= labels.min() <= labels.max() < len(names)
        or not fits(arrays, facts)
    ):
        raise InputError(
            f"{folder}: analysis.json does not fit arrays.safetensors beside it. Delete the folder "
            "and run again."
        )
    return arrays, facts


def _decoded_fit(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> bool:
    pictures_found, pixels = arrays["originals"].shape
    decoder = architecture.of_part(facts["architecture"], "decoder")
    seeds = {len(facts[name]) for name in OF_SEEDS}
    principal = {len(facts["principal"][name]) for name in ("linear", "knn")}
    return (
        pixels == math.prod(facts["shape"])
        and pictures_found <= len(arrays["labels"])
        and decoder[0]["input"] == [facts["latent"]] == [arrays["codes"].shape[1]]
        and arrays["plane"].shape[1] == 2
        and seeds == {len(arrays["linear"])}
        and principal == {len(facts["classes"])}
        and (facts["extent"] is None) == (facts["latent"] > 2)
    )


def _classified_fit(arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any]) -> bool:
    count, pixels = arrays["mistakes"].shape
    return (
        pixels == math.prod(facts["shape"])
        and count == len(facts["mistakes"])
        and facts["architecture"][-1]["output"] == [len(facts["classes"])]
    )


def draw_variant(
    look: Mapping[str, Any], model_folder: Path, analysis_folder: Path, *outputs: Path
) -> None:
    """Draw the figures of one variant; the outputs are in the order of OF_A_VARIANT."""
    history = curves.read_uneven_history(model_folder / "history.csv")
    arrays, facts = read_analysis(analysis_folder)
    architecture_file, losses_file, confusion_file, pictures_file, view_file = outputs
    architecture.chart(architecture_file, facts["architecture"], facts["shape"], look)
    unit = "squared error" if "squared_error" in history else "nats"
    curves.losses(losses_file, history, unit, look)
    classes.confusion(confusion_file, arrays["confusion"], facts["classes"], look)
    draw = _draw_decoded if "codes" in arrays else _draw_classified
    draw(pictures_file, view_file, arrays, facts, look)


def _draw_decoded(
    pictures_file: Path,
    view_file: Path,
    arrays: Mapping[str, np.ndarray],
    facts: Mapping[str, Any],
    look: Mapping[str, Any],
) -> None:
    """The first test images and what is decoded of them; codes in a plane, by class."""
    names, count = facts["classes"], len(arrays["originals"])
    columns = [names[label] for label in arrays["labels"][:count]]
    rows = {"test image": arrays["originals"], "decoded": arrays["decoded"][:count]}
    pictures.labelled_grid(pictures_file, columns, rows, facts["shape"], look)
    axes = PRINCIPAL if facts["latent"] > 2 else [latents.axis(0), latents.axis(1)]
    latents.plane(view_file, arrays["plane"], arrays["labels"], names, axes, look)


def _draw_classified(
    pictures_file: Path,
    view_file: Path,
    arrays: Mapping[str, np.ndarray],
    facts: Mapping[str, Any],
    look: Mapping[str, Any],
) -> None:
    """Mistakes, each with its class, what it is named and how surely; the reliability."""
    titles = [
        f"{of['label']} as {of['named']}\n{100 * of['confidence']:.1f} %"
        for of in facts["mistakes"]
    ]
    pictures.examples(pictures_file, [arrays["mistakes"]], titles, facts["shape"], look)
    bins = [reliability(of_seed, arrays["labels"]) for of_seed in arrays["probabilities"]]
    classes.reliability(view_file, *map(np.stack, zip(*bins, strict=True)), look)
