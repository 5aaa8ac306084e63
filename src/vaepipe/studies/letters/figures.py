"""The figures of the study `letters`. Arrays and tables in, SVG files out; no model is run here."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_arrays, read_json, write_json
from vaepipe.datasets.images import FILES, describe, first_of_each, read_images
from vaepipe.figures import architecture, bounds, curves, latents, pictures

AXES = {
    "kl_per_latent": ("seeds", "latents"),
    "characters_clean": ("characters", "pixels"),
    "characters_noisy": ("characters", "pixels"),
    "characters_reconstructed": ("characters", "pixels"),
    "sheet_reconstructed": ("images of the sheet", "pixels"),
    "prior_samples": ("samples", "pixels"),
    "nearest": ("neighbours", "pixels"),
    "nearest_distances": ("neighbours",),
    "codes": ("test images", "two latents"),
    "labels": ("test images",),
    "traversal": ("rows", "steps", "pixels"),
}
"""Arrays of an analysis that are drawn."""


class Traversal(Form):
    latents: list[int]
    span: Annotated[float, Field(gt=0, le=100)]


class Facts(Form):
    """A file analysis.json."""

    shape: pictures.Shape
    characters: str
    classes: Annotated[list[Annotated[str, Field(pattern="^[0-9A-Za-z-]")]], Field(min_length=1)]
    traversal: Traversal
    architecture: architecture.Layers


DESCRIPTION = ("examples.svg", "description.json")
OF_A_VARIANT = (
    "architecture.svg",
    "learning_curve.svg",
    "reconstructions.svg",
    "traversal.svg",
    "latents.svg",
    "prior_samples.svg",
    "nearest.svg",
    "sheet.svg",
)


def describe_data(look: Mapping[str, Any], data: Path, *outputs: Path) -> None:
    """Show the data set in a folder: one example per class, and its counts.

    The outputs are in the order of DESCRIPTION.
    """
    train, test = (read_images(data / name) for name in FILES)
    examples_file, description_file = outputs
    rows = first_of_each(train)
    pictures.examples(
        examples_file,
        [train.pixels["clean"][rows], train.pixels["noisy"][rows]],
        train.kind.classes,
        train.kind.shape,
        look,
    )
    write_json(description_file, describe(train, test))


def read_analysis(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a variant; raises InputError if a file is damaged or they do not meet."""
    arrays = read_arrays(folder / "arrays.safetensors", AXES)
    facts = read_json(folder / "analysis.json", Facts)
    latents_found = arrays["kl_per_latent"].shape[1]
    characters, pixels = arrays["characters_clean"].shape
    decoder = architecture.of_part(facts["architecture"], "decoder")
    if (
        math.prod(facts["shape"]) != pixels
        or facts["architecture"][0]["input"] != [pixels]
        or decoder[0]["input"] != [latents_found]
        or decoder[-1]["output"] != [pixels]
        or len(facts["characters"]) != characters
        or sorted(facts["traversal"]["latents"]) != list(range(latents_found))
        or arrays["codes"].shape[1] != 2
        or not 0 <= arrays["labels"].min() <= arrays["labels"].max() < len(facts["classes"])
    ):
        raise InputError(
            f"{folder}: analysis.json does not fit arrays.safetensors beside it. Delete the folder "
            "and run again."
        )
    return arrays, facts


def draw_variant(
    look: Mapping[str, Any], variant: str, model_folder: Path, analysis_folder: Path, *outputs: Path
) -> None:
    """Draw the figures of one variant; the outputs are in the order of OF_A_VARIANT."""
    history = curves.read_history(model_folder / "history.csv")
    arrays, facts = read_analysis(analysis_folder)
    shape, order = facts["shape"], facts["traversal"]["latents"]
    (
        architecture_file,
        curve_file,
        reconstructions_file,
        traversal_file,
        latents_file,
        samples_file,
        nearest_file,
        sheet_file,
    ) = outputs
    architecture.chart(architecture_file, facts["architecture"], shape, look)
    curves.learning_curve(curve_file, history, look)
    draw_reconstructions(reconstructions_file, {variant: arrays}, facts, look)
    latents.traversal(
        traversal_file,
        arrays["traversal"],
        arrays["kl_per_latent"][0],
        order,
        facts["traversal"]["span"],
        shape,
        look,
    )
    latents.plane(
        latents_file,
        arrays["codes"],
        arrays["labels"],
        facts["classes"],
        [latents.axis(order[0]), latents.axis(order[min(1, len(order) - 1)])],
        look,
    )
    pictures.sheet(samples_file, pictures.square(arrays["prior_samples"]), shape, look, 0.32)
    shown = arrays["prior_samples"][: len(arrays["nearest"])]
    pictures.labelled_grid(
        nearest_file,
        [f"{distance:.2f}" for distance in arrays["nearest_distances"]],
        {"sample": shown, "nearest": arrays["nearest"]},
        shape,
        look,
    )
    pictures.sheet(sheet_file, pictures.square(arrays["sheet_reconstructed"]), shape, look)


def draw_comparison(
    look: Mapping[str, Any],
    histories: Mapping[str, curves.History],
    analyses: Path,
    measured: pd.DataFrame,
    *outputs: Path,
) -> None:
    """Draw all variants side by side: curves, reconstructions, KL of each latent, rate-distortion.

    `histories` are those of each variant, `measured` is a table as of `vaepipe.results`.
    """
    found = {name: read_analysis(analyses / name) for name in histories}
    arrays = {name: arrays for name, (arrays, _) in found.items()}
    facts = next(iter(found.values()))[1]
    curves_file, reconstructions_file, kl_file, rate_file = outputs
    curves.all_learning_curves(curves_file, histories, look)
    draw_reconstructions(reconstructions_file, arrays, facts, look)
    latents.kl_per_latent(kl_file, {n: a["kl_per_latent"] for n, a in arrays.items()}, look)
    points = {name: of_seeds(measured, name, "kl", "reconstruction") for name in histories}
    bounds.rate_distortion(rate_file, points, look)


def draw_noise_sweep(
    path: Path, sweeps: Mapping[str, Mapping[str, Any]], level: float, look: Mapping[str, Any]
) -> None:
    """PSNR against the level of noise; `level` is the one that the variants were trained with."""
    first = next(iter(sweeps.values()))
    levels, noisy = np.array(first["levels"]), np.array(first["noisy"])
    decoded = {name: np.array(found["decoded"]) for name, found in sweeps.items()}
    curves.noise_sweep(path, levels, noisy, first["mean_image"], decoded, level, look)


def of_seeds(measured: pd.DataFrame, variant: str, *measures: str) -> np.ndarray:
    """Measures of a variant, (measures, seeds)."""
    own = measured[measured["variant"] == variant]
    return np.array([own.loc[own["measure"] == name, "value"] for name in measures])


def draw_reconstructions(
    path: Path,
    arrays: Mapping[str, Mapping[str, np.ndarray]],
    facts: Mapping[str, Any],
    look: Mapping[str, Any],
) -> None:
    """One column a character; rows: clean, noisy, then the reconstruction of each variant."""
    first = next(iter(arrays.values()))
    rows = {"clean": first["characters_clean"], "noisy": first["characters_noisy"]}
    rows |= {name: found["characters_reconstructed"] for name, found in arrays.items()}
    pictures.labelled_grid(path, facts["characters"], rows, facts["shape"], look)
