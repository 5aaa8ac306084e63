"""Figures of a study of generative models. Arrays and tables in, SVG files out; no model is run."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json, write_json
from vaepipe.datasets.images import FILES, describe, first_of_each, read_images
from vaepipe.figures import architecture, classes, estimates, latents, pictures

AXES = {
    "kl_per_latent": ("seeds", "latents"),
    "prior_samples": ("samples", "pixels"),
    "ring": ("classes", "steps", "pixels"),
    "grid": ("rows", "columns", "pixels"),
    "codes": ("test images", "plane"),
    "labels": ("test images",),
    "confusion": ("classes", "classes"),
    "kl_estimates": ("numbers of draws", "repeats"),
    "pathwise": ("numbers of draws", "repeats"),
    "score": ("numbers of draws", "repeats"),
}
"""Arrays of an analysis that are drawn."""
PRINCIPAL = ("first component", "second component")
"""Axes of the plane of codes where there are more than two latents."""
SHOWN_EPOCHS = 9
"""Rows of the strip of reconstructions, at the most."""


Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]


class Facts(Form):
    """A file analysis.json."""

    shape: pictures.Shape
    classes: Annotated[list[Annotated[str, Field(pattern="^[0-9A-Za-z-]")]], Field(min_length=1)]
    latents: Annotated[list[int], Field(min_length=2, max_length=2)]
    explained: float
    draws: Annotated[list[Annotated[int, Field(gt=0, lt=LARGEST)]], Field(min_length=2)]
    kl: Number
    gradient: Number
    gradient_draws: int
    architecture: architecture.Layers


class Training(Form):
    seeds: Annotated[list[int], Field(min_length=1)]


class Config(Form):
    """A file config.json."""

    training: Training


DESCRIPTION = ("examples.svg", "description.json")
OF_A_VARIANT = (
    "architecture.svg",
    "epochs.svg",
    "latents.svg",
    "confusion.svg",
    "ring.svg",
    "grid.svg",
    "prior_samples.svg",
    "kl_estimate.svg",
    "gradient.svg",
)


def describe_data(look: Mapping[str, Any], data: Path, *outputs: Path) -> None:
    """Show the data set in a folder: one example per class, and its counts.

    The outputs are in the order of DESCRIPTION. Noise, if there is any, is shown below.
    """
    train, test = (read_images(data / name) for name in FILES)
    examples_file, description_file = outputs
    rows = first_of_each(train)
    clean, noisy = train.pixels["clean"][rows], train.pixels["noisy"][rows]
    versions = [clean] if (clean == noisy).all() else [clean, noisy]
    pictures.examples(examples_file, versions, train.kind.classes, train.kind.shape, look)
    write_json(description_file, describe(train, test))


def read_analysis(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a variant; raises InputError if a file is damaged or they do not meet."""
    arrays = read_arrays(folder / "arrays.safetensors", AXES)
    facts = read_json(folder / "analysis.json", Facts)
    pixels, count = arrays["ring"].shape[2], len(facts["classes"])
    latents_found = arrays["kl_per_latent"].shape[1]
    decoder = architecture.of_part(facts["architecture"], "decoder")
    draws = {len(arrays[name]) for name in ("kl_estimates", "pathwise", "score")}
    if (
        math.prod(facts["shape"]) != pixels
        or facts["architecture"][0]["input"] != [pixels]
        or decoder[0]["input"] != [latents_found]
        or arrays["confusion"].shape != (count, count)
        or len(arrays["ring"]) != count
        or draws != {len(facts["draws"])}
        or not all(0 <= latent < latents_found for latent in facts["latents"])
        or arrays["codes"].shape[1] != 2
        or not 0 <= arrays["labels"].min() <= arrays["labels"].max() < count
    ):
        raise InputError(
            f"{folder}: analysis.json does not fit arrays.safetensors beside it. Delete the folder "
            "and run again."
        )
    return arrays, facts


def draw_variant(
    look: Mapping[str, Any], model_folder: Path, data: Path, analysis_folder: Path, *outputs: Path
) -> None:
    """Draw the figures of one variant; the outputs are in the order of OF_A_VARIANT."""
    arrays, facts = read_analysis(analysis_folder)
    shape, names = facts["shape"], facts["classes"]
    (
        architecture_file,
        epochs_file,
        latents_file,
        confusion_file,
        ring_file,
        grid_file,
        samples_file,
        kl_file,
        gradient_file,
    ) = outputs
    architecture.chart(architecture_file, facts["architecture"], shape, look)
    draw_epochs(epochs_file, model_folder, data, shape, look)
    axes = PRINCIPAL if arrays["kl_per_latent"].shape[1] > 2 else [latents.axis(0), latents.axis(1)]
    latents.plane(latents_file, arrays["codes"], arrays["labels"], names, axes, look)
    classes.confusion(confusion_file, arrays["confusion"], names, look)
    steps = {
        f"{name} to {following}": row
        for name, following, row in zip(names, [*names[1:], names[0]], arrays["ring"], strict=True)
    }
    pictures.labelled_grid(ring_file, [""] * arrays["ring"].shape[1], steps, shape, look)
    pictures.sheet(grid_file, arrays["grid"], shape, look, 0.46)
    pictures.sheet(samples_file, pictures.square(arrays["prior_samples"]), shape, look, 0.32)
    estimates.spread_by_draws(
        kl_file, facts["draws"], arrays["kl_estimates"], facts["kl"], "KL, nats", look
    )
    found = {"pathwise": arrays["pathwise"], "score": arrays["score"]}
    estimates.errors_by_draws(
        gradient_file, facts["draws"], found, facts["gradient"], "error of the derivative", look
    )


def draw_epochs(
    target: Path, model_folder: Path, data: Path, shape: Sequence[int], look: Mapping[str, Any]
) -> None:
    """The first test images, and what the first seed makes of them after each of some epochs."""
    names, original, snapshots = read_snapshots(model_folder, data, shape)
    chosen = np.unique(np.geomspace(1, len(snapshots), SHOWN_EPOCHS).round().astype(int))
    rows = {"test image": original} | {f"epoch {epoch}": snapshots[epoch - 1] for epoch in chosen}
    pictures.labelled_grid(target, names, rows, shape, look)


def read_snapshots(
    model_folder: Path, data: Path, shape: Sequence[int]
) -> tuple[list[str], np.ndarray, np.ndarray]:
    """The first test images: the names of their classes, and pixels as bytes (images, pixels).

    And what the first seed makes of them after each epoch, (epochs, images, pixels). Raises
    InputError if a file is damaged or they do not meet.
    """
    seed = read_json(model_folder / "config.json", Config)["training"]["seeds"][0]
    path, name = model_folder / "snapshots.safetensors", f"seed-{seed}"
    snapshots = read_arrays(path, {name: ("epochs", "images", "pixels")})[name]
    images, pixels = snapshots.shape[1:]
    test = read_images(data / FILES[1])
    fits = math.prod(shape) == math.prod(test.kind.shape) == pixels
    if not fits or images > len(test.labels):
        raise InputError(f"{path}: does not fit {data}. Delete the folder and run again.")
    original = np.rint(255 * test.pixels["clean"][:images]).astype(np.uint8)
    return [test.kind.classes[label] for label in test.labels[:images]], original, snapshots
