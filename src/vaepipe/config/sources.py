"""Samples, sources and data sets: what is drawn, which files are read, what the models see."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from vaepipe.config.fields import (
    RAW,
    SAMPLES,
    Characters,
    DataFile,
    Name,
    PerClass,
    Section,
    Seed,
    Share,
)

EMNIST_FILES = ("emnist-balanced-train.csv", "emnist-balanced-test.csv")


class EmnistSample(Section):
    seed: Seed
    train_per_class: PerClass
    test_per_class: PerClass


class Samples(Section):
    emnist: dict[Name, EmnistSample]


class EmnistSource(Section):
    train: DataFile
    test: DataFile
    split: Literal["balanced", "bymerge", "byclass", "letters", "digits", "mnist"]
    classes: Characters


class Sources(Section):
    emnist: dict[Name, EmnistSource]


class Dataset(Section):
    source: Name
    pixels: Literal["grey", "binary"]
    noise: Literal["gaussian", "salt_and_pepper", "masking"]
    level: Share
    seed: Seed


def by_name(sources: Sources) -> dict[str, EmnistSource]:
    """The sources of all formats."""
    return {name: source for blocks in dict(sources).values() for name, source in blocks.items()}


def raw_files(sources: Sources) -> list[Path]:
    """The user's own files that the sources name."""
    files = [
        Path(name) for block in by_name(sources).values() for name in (block.train, block.test)
    ]
    return [path for path in files if path.is_relative_to(RAW)]


def check(samples: Samples, sources: Sources, datasets: Mapping[str, Dataset]) -> None:
    """Raises ValueError that names the key where samples, sources and data sets do not meet."""
    for name, source in sources.emnist.items():
        _check_files(name, source, samples)
    for sample in samples.emnist:
        if sample not in sources.emnist:
            raise ValueError(
                f"samples.emnist.{sample}: there is no source of that name in sources.emnist to "
                "read it; add one, or remove the block"
            )
    known = by_name(sources)
    for name, dataset in datasets.items():
        if dataset.source not in known:
            raise ValueError(
                f"datasets.{name}.source: unknown source '{dataset.source}', expected one of "
                f"{', '.join(known)}"
            )
    used = {dataset.source for dataset in datasets.values()}
    for name in known:
        if name not in used:
            raise ValueError(
                f"sources: no data set reads '{name}'; name it in one under datasets, or remove "
                "the block"
            )


def _check_files(name: str, source: EmnistSource, samples: Samples) -> None:
    files = [f"{SAMPLES}/{name}/{file}" for file in EMNIST_FILES]
    given = [source.train, source.test]
    if len(set(given)) == 1:
        raise ValueError(
            f"sources.emnist.{name}: train and test are the same file; measures must come from "
            "images that training never saw"
        )
    drawn = [Path(path).is_relative_to(SAMPLES) for path in given]
    if any(drawn) and given != files:
        raise ValueError(
            f"sources.emnist.{name}: a source that reads the built-in sample must name both of "
            f"its files, {files[0]} and {files[1]}"
        )
    if any(drawn) and name not in samples.emnist:
        raise ValueError(
            f"samples.emnist: sources.emnist.{name} reads {SAMPLES}/{name}/, so a sample "
            f"'{name}' must be listed here"
        )
    if not any(drawn) and name in samples.emnist:
        raise ValueError(
            f"samples.emnist.{name}: no source reads this sample; remove the block (write "
            "'emnist: {}' if it was the last)"
        )
