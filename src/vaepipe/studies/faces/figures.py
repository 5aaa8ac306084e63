"""The figures of the study `faces`. Arrays and tables in, SVG files out; no model is run here."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json
from vaepipe.figures import architecture, curves, pictures
from vaepipe.generative.figures import DESCRIPTION, describe_data

__all__ = ["DESCRIPTION", "OF_A_VARIANT", "describe_data", "draw_variant", "read_analysis"]

OF_A_VARIANT = ("architecture.svg", "losses.svg", "changes.svg", "blends.svg")
AXES = {
    "originals": ("pictures", "pixels"),
    "decoded": ("pictures", "pixels"),
    "changes": ("elements", "pictures", "pixels"),
    "blends": ("alphas", "pictures", "pixels"),
    "noise": ("pixels",),
}
"""Arrays of an analysis."""
FEW = 3
"""Images whose changes are shown, at the most: each has two rows."""
GREY = 128
"""What stands for no difference."""

Share = Annotated[float, Field(ge=0, le=1)]
Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]
Values = Annotated[list[Number], Field(min_length=1)]


class Change(Form):
    latent: Annotated[int, Field(ge=0)]
    raised: Number
    rms: Number
    brightness: Number
    thirds: Annotated[list[Share], Field(min_length=3, max_length=3)]
    colours: Annotated[list[Share], Field(min_length=1, max_length=3)]
    extent: Share


class Blends(Form):
    error: Values
    moved: Values
    foreign: Values
    apart: Values


class Facts(Form):
    """A file analysis.json."""

    shape: pictures.Shape
    latent: Annotated[int, Field(ge=2)]
    alive: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1)]
    trainable: Annotated[int, Field(ge=0)]
    changes: Annotated[list[Change], Field(min_length=1)]
    alphas: Annotated[list[Share], Field(min_length=2)]
    blends: Annotated[list[Blends], Field(min_length=1)]
    architecture: architecture.LayersOfAnyKind


def read_analysis(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a variant; raises InputError if a file is damaged or they do not meet."""
    arrays = read_arrays(folder / "arrays.safetensors", AXES)
    facts = read_json(folder / "analysis.json", Facts)
    decoder = architecture.of_part(facts["architecture"], "decoder")
    lengths = {len(of) for blends in facts["blends"] for of in blends.values()}
    if (
        [math.prod(facts["shape"])] != facts["architecture"][0]["input"]
        or len(arrays["noise"]) != math.prod(facts["shape"])
        or not decoder
        or decoder[0]["input"] != [facts["latent"]]
        or len(arrays["changes"]) != len(facts["changes"])
        or len(facts["blends"]) != len(facts["alive"])
        or lengths | {len(arrays["blends"])} != {len(facts["alphas"])}
        or not all(of["latent"] < facts["latent"] for of in facts["changes"])
    ):
        raise InputError(
            f"{folder}: analysis.json does not fit arrays.safetensors beside it. Delete the folder "
            "and run again."
        )
    return arrays, facts


def draw_variant(
    look: Mapping[str, Any], model_folder: Path, analysis_folder: Path, *outputs: Path
) -> None:
    """Draw the figures of one variant; the outputs are in the order of OF_A_VARIANT."""
    history = curves.read_history(model_folder / "history.csv")
    arrays, facts = read_analysis(analysis_folder)
    architecture_file, losses_file, changes_file, blends_file = outputs
    architecture.chart(architecture_file, facts["architecture"], facts["shape"], look)
    unit = "squared error" if "squared_error" in history else "nats"
    curves.losses(losses_file, history, unit, look)
    draw_changes(changes_file, arrays, facts, look)
    draw_blends(blends_file, arrays, facts, look)


def draw_changes(
    target: Path, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any], look: Mapping
) -> None:
    """Some test images: original, reconstruction, and with each element raised; below, differences.

    A difference is that from the reconstruction, around grey, each stretched to its own largest.
    """
    columns = ["test image", "decoded", *(f"latent {of['latent']}" for of in facts["changes"])]
    rows = {}
    for row in range(min(FEW, len(arrays["originals"]))):
        before = arrays["decoded"][row]
        after = arrays["changes"][:, row]
        rows[f"image {row + 1}"] = np.stack([arrays["originals"][row], before, *after])
        apart = np.stack([around_grey(of, before) for of in (arrays["originals"][row], *after)])
        blank = np.full_like(before, 255)
        rows["difference" + " " * row] = np.stack([apart[0], blank, *apart[1:]])
    pictures.labelled_grid(target, columns, rows, facts["shape"], look)


def around_grey(image: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The difference of bytes (pixels,) from others, as bytes: grey where there is none.

    Its largest is black or white.
    """
    difference = image.astype(float) - other
    most = max(1.0, np.abs(difference).max())
    return np.rint(GREY + (GREY - 1) * difference / most).astype(np.uint8)


def draw_blends(
    target: Path, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any], look: Mapping
) -> None:
    """The first test images, what is decoded of their latents with more and more noise."""
    shown = arrays["originals"]
    rows = {"test image": shown}
    rows |= {
        f"α = {alpha:g}": of for alpha, of in zip(facts["alphas"], arrays["blends"], strict=True)
    }
    rows["noise alone"] = np.broadcast_to(arrays["noise"], shown.shape)
    pictures.labelled_grid(target, [""] * len(shown), rows, facts["shape"], look)
