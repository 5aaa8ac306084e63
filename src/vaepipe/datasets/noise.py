"""Noise for denoising: pixels in [0, 1] in, pixels in [0, 1] out."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vaepipe.core.progress import track
from vaepipe.datasets.images import read_blocks, read_kind, writing

Noise = Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


def gaussian(clean: np.ndarray, level: float, generator: np.random.Generator) -> np.ndarray:
    """Add independent normal noise of standard deviation `level`, then clip.

    In double precision, lest the last bit of a logarithm, in which C libraries and processors
    differ, decides how a pixel is rounded.
    """
    return np.clip(clean + level * generator.standard_normal(clean.shape), 0, 1)


def salt_and_pepper(clean: np.ndarray, level: float, generator: np.random.Generator) -> np.ndarray:
    """Set a share `level` of the pixels, chosen independently, to 0 or 1 with equal chance."""
    hit = generator.random(clean.shape, dtype=np.float32)
    return np.where(hit < level / 2, 0, np.where(hit < level, 1, clean)).astype(np.float32)


def masking(clean: np.ndarray, level: float, generator: np.random.Generator) -> np.ndarray:
    """Set a share `level` of the pixels, chosen independently, to 0 (Vincent et al. 2008)."""
    return np.where(generator.random(clean.shape, dtype=np.float32) < level, 0, clean)


NOISES: dict[str, Noise] = {
    "gaussian": gaussian,
    "salt_and_pepper": salt_and_pepper,
    "masking": masking,
}

BLOCK = 2000
"""Images whose noise comes from one generator; another size gives other noise."""


def corrupt(
    images: np.ndarray, noise: str, level: float, seed: int, stream: int, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Normalise one block of uint8 images (n, pixels) and add noise.

    Returns clean and noisy, float32 in [0, 1] on the grid k / 255. The noise depends on the
    seed, the stream (which file) and the number of the block only, so blocks may be done in any
    order and by any number of processes.
    """
    generator = np.random.default_rng([seed, stream, block])
    clean = normalise(images)
    return clean, add_noise(clean, noise, level, generator)


def normalise(images: np.ndarray) -> np.ndarray:
    """uint8 images as float32 in [0, 1]."""
    return images.astype(np.float32) / np.float32(255)


def binarise(grey: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Pixels that are 1 with the chance that their value in [0, 1] says, else 0.

    Salakhutdinov & Murray 2008, as Burda et al. 2016 draw MNIST anew in each epoch.
    """
    return (generator.random(grey.shape, dtype=np.float32) < grey).astype(np.float32)


def add_noise(
    clean: np.ndarray, noise: str, level: float, generator: np.random.Generator
) -> np.ndarray:
    """Images with noise, float32 in [0, 1] on the grid k / 255 as files keep them."""
    noisy = NOISES[noise](clean, level, generator)
    return np.rint(noisy * 255).astype(np.float32) / np.float32(255)


def prepare(sources: Sequence[Path], targets: Sequence[Path], settings: Mapping[str, Any]) -> None:
    """Write the clean and the noisy images of ingested files, with a stream of noise for each.

    The settings are those of the data set: pixels, noise, level, seed.
    """
    own = {key: settings[key] for key in ("pixels", "noise", "level", "seed")}
    for stream, (source, target) in enumerate(zip(sources, targets, strict=True)):
        corrupt_file(source, target, **own, stream=stream)


def corrupt_file(
    source: Path, target: Path, pixels: str, noise: str, level: float, seed: int, stream: int
) -> None:
    """Write the clean and the noisy images of an ingested Parquet file.

    Pixels are `grey`, as they are; `binary`: black below the middle of their range, else white; or
    `dynamic`: drawn once, with the `grey` ones beside them, from which each epoch draws anew.
    Of colour images each value of each colour is such a pixel. Attributes pass as they are.
    """
    kind = read_kind(source)
    dynamic = pixels == "dynamic"
    columns = ["clean", "noisy", *(["grey"] if dynamic else [])]
    with writing(target, kind, columns, np.float32) as file:
        blocks = read_blocks(source, BLOCK)
        for number, images in enumerate(track(blocks, None, f"noise {source}", "block")):
            values = grey = images.pixels["image"]
            if pixels == "binary":
                values = np.where(grey < 128, np.uint8(0), np.uint8(255))
            elif dynamic:
                generator = np.random.default_rng([seed, stream, number, 1])
                values = (255 * binarise(normalise(grey), generator)).astype(np.uint8)
            beside = [normalise(grey)] if dynamic else []
            corrupted = corrupt(values, noise, level, seed, stream, number)
            file.write(images.labels, *corrupted, *beside, attributes=images.attributes)
