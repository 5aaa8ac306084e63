"""The figures of the study `cartoons`. Arrays and tables in, SVG files out; no model is run."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from vaepipe.core.errors import InputError
from vaepipe.core.files import LARGEST, Form, read_arrays, read_json
from vaepipe.figures import architecture, curves, estimates, pictures
from vaepipe.figures.style import DASHES, line_style, new_figure, save
from vaepipe.generative.figures import DESCRIPTION, describe_data, draw_epochs

__all__ = ["DESCRIPTION", "OF_A_VARIANT", "describe_data", "draw_variant", "read_analysis"]

OF_A_VARIANT = (
    "architecture.svg",
    "encoder.svg",
    "decoder.svg",
    "batch_losses.svg",
    "epochs.svg",
    "interpolations.svg",
    "distances.svg",
    "prior_samples.svg",
    "reconstruction_estimate.svg",
)

WAYS = ("linear", "spherical", "blend")
"""From one image to another: two ways through the latents, and the mixture of pixels."""
MEASURED = ("near", "far", "aside", "nearest", "sharpness")
"""What is measured along each."""
AXES = {
    "prior_samples": ("deviations", "samples", "pixels"),
    "ends": ("pictures", "ends", "pixels"),
    "linear": ("pictures", "steps", "pixels"),
    "spherical": ("pictures", "steps", "pixels"),
    **{f"{way}_way": ("seeds", "measures", "steps") for way in WAYS},
    "between": ("seeds", "middles"),
    "norms": ("seeds", "ways"),
    "sharpness": ("seeds", "deviations"),
    "estimates": ("numbers of draws", "repeats"),
}
"""Arrays of an analysis."""
PANELS = {
    "near": "distance from the first end",
    "aside": "from the line between the ends",
    "nearest": "from the nearest training image",
}
"""What is drawn along each way."""

Number = Annotated[float, Field(gt=-LARGEST, lt=LARGEST)]
Positive = Annotated[float, Field(gt=0, lt=LARGEST)]


class Facts(Form):
    """A file analysis.json."""

    shape: pictures.Shape
    latent: Annotated[int, Field(ge=2)]
    deviations: Annotated[list[Positive], Field(min_length=1)]
    draws: Annotated[list[Annotated[int, Field(gt=0, lt=LARGEST)]], Field(min_length=2)]
    pairs: Annotated[int, Field(gt=0)]
    data_sharpness: Annotated[float, Field(ge=0, lt=LARGEST)]
    data_nearest: Annotated[float, Field(ge=0, lt=LARGEST)]
    reconstruction: Number
    architecture: architecture.Layers


def read_analysis(folder: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Arrays and facts of a variant; raises InputError if a file is damaged or they do not meet."""
    arrays = read_arrays(folder / "arrays.safetensors", AXES)
    facts = read_json(folder / "analysis.json", Facts)
    seeds, measures, steps = arrays["linear_way"].shape
    pixels, layers = math.prod(facts["shape"]), facts["architecture"]
    images = ("prior_samples", "ends", "linear", "spherical")
    if (
        layers[0]["input"] != [pixels]
        or architecture.of_part(layers, "decoder")[0]["input"] != [facts["latent"]]
        or any(arrays[name].shape[2] != pixels for name in images)
        or any(arrays[f"{way}_way"].shape != (seeds, measures, steps) for way in WAYS)
        or measures != len(MEASURED)
        or arrays["ends"].shape[1] != 2
        or {arrays[name].shape[1] for name in ("linear", "spherical")} != {steps}
        or len({len(arrays[name]) for name in ("ends", "linear", "spherical")}) > 1
        or arrays["between"].shape != (seeds, 3)
        or arrays["norms"].shape != (seeds, 2)
        or arrays["sharpness"].shape != (seeds, len(facts["deviations"]))
        or len(arrays["prior_samples"]) != len(facts["deviations"])
        or len(arrays["estimates"]) != len(facts["draws"])
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
    ends, totals = curves.read_batches(model_folder / "batches.csv")
    shape, layers = facts["shape"], facts["architecture"]
    (
        architecture_file,
        encoder_file,
        decoder_file,
        batches_file,
        epochs_file,
        interpolations_file,
        distances_file,
        samples_file,
        estimate_file,
    ) = outputs
    architecture.chart(architecture_file, layers, shape, look)
    for path, part in ((encoder_file, "encoder"), (decoder_file, "decoder")):
        architecture.row_of_maps(path, architecture.of_part(layers, part), shape, look)
    curves.batch_losses(batches_file, ends, totals, look["moving_average"], look)
    draw_epochs(epochs_file, model_folder, data, shape, look)
    draw_interpolations(interpolations_file, arrays, facts, look)
    draw_distances(distances_file, arrays, facts["data_nearest"], look)
    draw_samples(samples_file, arrays["prior_samples"], facts, look)
    estimates.spread_by_draws(
        estimate_file,
        facts["draws"],
        arrays["estimates"],
        facts["reconstruction"],
        "reconstruction, nats",
        look,
        "many draws",
    )


def draw_interpolations(
    target: Path, arrays: Mapping[str, np.ndarray], facts: Mapping[str, Any], look: Mapping
) -> None:
    """Two rows a pair, linear and spherical, each between the test images themselves."""
    rows = {}
    for pair, (first, last) in enumerate(arrays["ends"], start=1):
        for way in ("linear", "spherical"):
            images = arrays[way][pair - 1]
            rows[f"{pair}, {way}"] = np.concatenate([first[None], images, last[None]])
    steps = arrays["linear"].shape[1]
    columns = ["image", *(f"{step / (steps - 1):.2g}" for step in range(steps)), "image"]
    pictures.labelled_grid(target, columns, rows, facts["shape"], look)


def draw_distances(
    target: Path, arrays: Mapping[str, np.ndarray], of_data: float, look: Mapping
) -> None:
    """Distances along the ways, means over the seeds; dotted that of the test images."""
    parts = np.linspace(0, 1, arrays["linear_way"].shape[2])
    figure, axes = new_figure(look["width"], 0.3 * look["width"], 1, len(PANELS))
    for ax, (name, label) in zip(axes, PANELS.items(), strict=True):
        for index, way in enumerate(WAYS):
            values = arrays[f"{way}_way"][:, MEASURED.index(name)].mean(0)
            style = line_style(index) | {"linestyle": DASHES[index]}
            ax.plot(parts, values, label=way, **style)
        ax.set_xlabel("part of the way")
        ax.set_title(label)
    axes[-1].axhline(of_data, color="#777777", linewidth=0.8, linestyle=":", label="test images")
    handles, labels = axes[-1].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))
    save(figure, target)


def draw_samples(
    target: Path, samples: np.ndarray, facts: Mapping[str, Any], look: Mapping
) -> None:
    """Images (deviations, n, pixels) from the same draws times each deviation, side by side."""
    panels = [pictures.square(images) for images in samples]
    titles = [f"σ = {deviation:g}" for deviation in facts["deviations"]]
    pictures.sheets(target, panels, titles, facts["shape"], look)
