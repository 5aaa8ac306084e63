"""Samples, sources and data sets: what is drawn, which files are read, what the models see."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from vaepipe.config.fields import (
    RAW,
    SAMPLES,
    Characters,
    ClassName,
    DataFile,
    Name,
    PerClass,
    Pictures,
    Section,
    Seed,
    Share,
    Side,
    unique,
)

ARCHIVES = (".tar", ".tar.gz", ".tgz")
"""How the name of an archive ends, which holds both splits of a source."""
EMNIST_FILES = ("emnist-balanced-train.csv", "emnist-balanced-test.csv")
IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
CIFAR_FILES = ("cifar-10-binary.tar.gz",)
IMAGES_FILES = ("avatars.zip",)
SAMPLE_FILES = {
    "emnist": EMNIST_FILES,
    "idx": IDX_FILES,
    "cifar": CIFAR_FILES,
    "images": IMAGES_FILES,
}
"""Of the built-in samples, by format, in the order of a source's `files`."""
DRAWN = {
    "emnist": {"orientation": "transposed"},
    "idx": {"orientation": "upright", "split": "mnist"},
    "cifar": {},
    "images": {"attributes": "attributes.csv", "test_share": None},
}
"""What a source of a built-in sample must say, by format: how its files are stored."""


class Sample(Section):
    seed: Seed
    train_per_class: PerClass
    test_per_class: PerClass


class ImagesSample(Section):
    seed: Seed
    train: Pictures
    test: Pictures


class Samples(Section):
    emnist: dict[Name, Sample]
    idx: dict[Name, Sample]
    cifar: dict[Name, Sample]
    images: dict[Name, ImagesSample]


class CharacterSource(Section):
    """Files of characters, with the labels of one of EMNIST's official splits."""

    split: Literal["balanced", "bymerge", "byclass", "letters", "digits", "mnist"]
    orientation: Literal["transposed", "upright"]
    classes: Characters


class EmnistSource(CharacterSource):
    train: DataFile
    test: DataFile

    @property
    def files(self) -> list[str]:
        return [self.train, self.test]


class IdxFiles(Section):
    images: DataFile
    labels: DataFile


class IdxSource(CharacterSource):
    train: IdxFiles
    test: IdxFiles

    @property
    def files(self) -> list[str]:
        return [file for part in (self.train, self.test) for file in (part.images, part.labels)]


class NpzSource(CharacterSource):
    file: DataFile

    @property
    def files(self) -> list[str]:
        return [self.file]


Object = Literal[
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
]


class CifarSource(Section):
    """CIFAR-10's files: records of either split, or one archive that both are read from."""

    train: DataFile
    test: DataFile
    classes: Annotated[list[Object], Field(min_length=1), AfterValidator(unique)]

    @property
    def files(self) -> list[str]:
        if self.train == self.test and self.train.endswith(ARCHIVES):
            return [self.train]
        return [self.train, self.test]


ClassNames = Annotated[list[ClassName], Field(min_length=1, max_length=255), AfterValidator(unique)]


class ArrayFiles(Section):
    """A file of images and one of their labels, or the first again where there are none."""

    images: DataFile
    labels: DataFile

    @property
    def files(self) -> list[str]:
        return [self.images] if self.images == self.labels else [self.images, self.labels]


class ArraysSource(Section):
    """Numpy's files of arrays."""

    train: ArrayFiles
    test: ArrayFiles
    classes: ClassNames

    @property
    def files(self) -> list[str]:
        return [*self.train.files, *self.test.files]

    @model_validator(mode="after")
    def _are_labelled(self) -> "ArraysSource":
        for name, part in (("train", self.train), ("test", self.test)):
            if (part.images == part.labels) and len(self.classes) > 1:
                raise ValueError(
                    f"{name}.labels: {part.labels} is the file of the images, which means that "
                    "they have no labels; then `classes` must name one class, that of all images"
                )
        return self


def _is_container(file: str) -> str:
    if not file.endswith((*ARCHIVES, ".zip", ".csv")):
        raise ValueError(
            f"must end in {', '.join((*ARCHIVES, '.zip'))}, or name the index .csv of a folder, "
            "which `python workflow/scripts/index_images.py folder` writes"
        )
    return file


def _is_table(name: str) -> str:
    if name != "each" and not name.endswith(".csv"):
        raise ValueError("must be null, each, or the path in the archive of a table .csv")
    return name


class ImagesSource(Section):
    """Images in an archive, or in a folder of which the file is the index."""

    file: Annotated[DataFile, AfterValidator(_is_container)]
    height: Side
    width: Side
    fit: Literal["crop", "pad", "stretch"]
    channels: Literal[1, 3]
    background: Annotated[str, StringConstraints(pattern=r"^#[0-9a-f]{6}$")]
    attributes: Annotated[str, AfterValidator(_is_table)] | None
    label: Annotated[str, StringConstraints(min_length=1)] | None
    classes: ClassNames
    test_share: Annotated[float, Field(gt=0, lt=1)] | None
    seed: Seed | None
    damaged: Literal["stop", "skip"]
    most_pixels: Annotated[int, Field(gt=0, le=10**9)]

    @property
    def files(self) -> list[str]:
        return [self.file]

    @model_validator(mode="after")
    def _keys_meet(self) -> "ImagesSource":
        if (self.test_share is None) != (self.seed is None):
            raise ValueError(
                "test_share, seed: either both or none; null means that images lie in folders "
                "train and test"
            )
        if self.label is None and len(self.classes) > 1:
            raise ValueError(
                "classes: without a `label` all images are of one class; name it alone"
            )
        if self.label not in (None, "folders") and self.attributes is None:
            raise ValueError(f"label: '{self.label}' is an attribute, but `attributes` is null")
        return self


Source = EmnistSource | IdxSource | NpzSource | CifarSource | ArraysSource | ImagesSource


class Sources(Section):
    emnist: dict[Name, EmnistSource]
    idx: dict[Name, IdxSource]
    npz: dict[Name, NpzSource]
    cifar: dict[Name, CifarSource]
    arrays: dict[Name, ArraysSource]
    images: dict[Name, ImagesSource]


class Dataset(Section):
    source: Name
    pixels: Literal["grey", "binary", "dynamic"]
    noise: Literal["gaussian", "salt_and_pepper", "masking"]
    level: Share
    seed: Seed


def by_name(sources: Sources) -> dict[str, Source]:
    """The sources of all formats."""
    return {name: source for blocks in dict(sources).values() for name, source in blocks.items()}


def raw_files(sources: Sources) -> list[Path]:
    """The user's own files that the sources name."""
    files = [Path(file) for source in by_name(sources).values() for file in source.files]
    return [path for path in files if path.is_relative_to(RAW)]


def check(samples: Samples, sources: Sources, datasets: Mapping[str, Dataset]) -> None:
    """Raises ValueError that names the key where samples, sources and data sets do not meet."""
    _check_sources(sources)
    for file_format, drawn in dict(samples).items():
        blocks = getattr(sources, file_format)
        for name, source in blocks.items():
            _check_sample(file_format, name, source, drawn)
        for sample in drawn:
            if sample not in blocks:
                raise ValueError(
                    f"samples.{file_format}.{sample}: there is no source of that name in "
                    f"sources.{file_format} to read it; add one, or remove the block"
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


def _check_sources(sources: Sources) -> None:
    formats: dict[str, str] = {}
    for file_format, blocks in dict(sources).items():
        for name, source in blocks.items():
            key = f"sources.{file_format}.{name}"
            if name in formats:
                raise ValueError(f"{key}: stands in sources.{formats[name]} too; rename one")
            formats[name] = file_format
            for file in source.files:
                if source.files.count(file) > 1:
                    raise ValueError(
                        f"{key}: {file} is named twice; measures must come from images that "
                        "training never saw"
                    )
                if file_format not in SAMPLE_FILES and Path(file).is_relative_to(SAMPLES):
                    raise ValueError(
                        f"{key}: {file}: samples are drawn in the formats "
                        f"{', '.join(SAMPLE_FILES)} alone"
                    )


def _check_sample(
    file_format: str, name: str, source: Source, samples: Mapping[str, Sample | ImagesSample]
) -> None:
    key = f"{file_format}.{name}"
    files = [f"{SAMPLES}/{name}/{file}" for file in SAMPLE_FILES[file_format]]
    drawn = any(Path(path).is_relative_to(SAMPLES) for path in source.files)
    if drawn and source.files != files:
        raise ValueError(
            f"sources.{key}: a source that reads the built-in sample must name all of its files "
            f"and no others: {', '.join(files)}"
        )
    for fact, value in DRAWN[file_format].items():
        if drawn and getattr(source, fact) != value:
            stored = "null" if value is None else value
            raise ValueError(f"sources.{key}.{fact}: of the built-in sample it is {stored}")
    if drawn and name not in samples:
        raise ValueError(
            f"samples.{file_format}: sources.{key} reads {SAMPLES}/{name}/, so a sample "
            f"'{name}' must be listed here"
        )
    if not drawn and name in samples:
        raise ValueError(
            f"samples.{key}: no source reads this sample; remove the block (write "
            f"'{file_format}: {{}}' if it was the last)"
        )
