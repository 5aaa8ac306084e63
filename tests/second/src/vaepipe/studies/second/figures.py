"""The figure of the study `second`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vaepipe.core.files import read_arrays, read_json, write_json
from vaepipe.datasets.images import FILES, describe, read_images
from vaepipe.figures import pictures


def describe_data(data: Path, output: Path) -> None:
    train, test = (read_images(data / name) for name in FILES)
    write_json(output, describe(train, test))


def draw_variant(look: Mapping[str, Any], analysis: Path, output: Path) -> None:
    samples = read_arrays(analysis / "arrays.safetensors")["samples"]
    shape = read_json(analysis / "analysis.json")["shape"]
    pictures.sheet(output, pictures.square(samples), shape, look)
