"""params.yaml: its shape, its checks, and the parts that a node reads.

There are no defaults: DVC could not see one change. The JSON schema in workflow/schemas is
exported from these classes by `python -m vaepipe.config`.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from vaepipe.errors import InputError
from vaepipe.files import existing

T = TypeVar("T")

PARAMS = Path("params.yaml")
SCHEMA = Path("workflow/schemas/params.schema.json")
SAMPLES = Path("data/sample")
RAW = Path("data/raw")


def _unique(items: list) -> list:
    if len(set(items)) < len(items):
        raise ValueError("an entry stands twice")
    return items


def _project_path(path: str) -> str:
    inside = Path(path).parts[:2] in (SAMPLES.parts, RAW.parts) and ".." not in Path(path).parts
    if not inside:
        raise ValueError(f"must be a relative path under {SAMPLES}/ or {RAW}/")
    if set(path) & set("{}"):
        raise ValueError("must not hold braces, which Snakemake and DVC would fill in")
    return path


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=20)]
Device = Literal["auto", "cpu", "cuda"]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
Positive = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
PositiveReal = Annotated[float, Field(gt=0, allow_inf_nan=False)]
DataFile = Annotated[str, AfterValidator(_project_path)]
Characters = Annotated[
    str,
    StringConstraints(min_length=1, pattern=r"^[0-9A-Za-z]+$"),
    AfterValidator(lambda text: "".join(_unique(list(text)))),
]
Variants = Annotated[list[Name], AfterValidator(_unique)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class EmnistSample(Section):
    seed: Seed
    train_per_class: Positive
    test_per_class: Positive


class Samples(Section):
    emnist: dict[Name, EmnistSample]


class EmnistSource(Section):
    train: DataFile
    test: DataFile
    split: Literal["balanced", "bymerge", "byclass", "letters", "digits", "mnist"]
    classes: Characters


class Corruption(Section):
    noise: Literal["gaussian", "salt_and_pepper", "masking"]
    level: Share
    seed: Seed


class EmnistDataset(Section):
    source: EmnistSource
    corruption: Corruption


class Datasets(Section):
    emnist: dict[Name, EmnistDataset]


class LettersModel(Section):
    hidden: Annotated[list[Positive], Field(min_length=1)]


class LettersTraining(Section):
    likelihood: Literal["bernoulli"]
    regulariser: Literal["kl"]
    l2: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    epochs: Positive
    seeds: Annotated[list[Seed], Field(min_length=1), AfterValidator(_unique)]
    device: Device
    threads: Positive


class LettersEvaluation(Section):
    importance_samples: Positive
    neighbours: Positive
    active_threshold: PositiveReal
    informative_kl: PositiveReal
    characters: Characters
    sheet_side: Positive
    prior_samples: Positive
    traversal_steps: Annotated[int, Field(ge=2)]
    traversal_span: PositiveReal
    seed: Seed
    device: Device
    threads: Positive


class LettersFigures(Section):
    colormap: Literal["gray_r", "gray", "viridis", "cividis", "magma"]
    width: Annotated[float, Field(ge=10, le=17)]


class LettersComparison(Section):
    baseline: Name


class LettersStudy(Section):
    variants: Annotated[Variants, Field(min_length=1)]
    model: LettersModel
    training: LettersTraining
    evaluation: LettersEvaluation
    figures: LettersFigures
    comparison: LettersComparison


class Studies(Section):
    letters: LettersStudy


class VariantModel(Section):
    latent: Positive


class VariantTraining(Section):
    batch_size: Positive
    learning_rate: PositiveReal
    warmup_epochs: Annotated[int, Field(ge=0)]


class Variant(Section):
    study: Name
    dataset: Name
    body: Literal["mlp"]
    model: VariantModel
    training: VariantTraining


class LettersReport(Section):
    traversals: Variants
    samples: Variants
    sheets: Variants


class Report(Section):
    title: Annotated[str, StringConstraints(min_length=1)]
    author: str | None
    letters: LettersReport


class Params(Section):
    samples: Samples
    datasets: Datasets
    studies: Studies
    variants: dict[Name, Variant]
    report: Report

    @model_validator(mode="after")
    def _names_meet(self) -> "Params":
        studies = {name: getattr(self.studies, name) for name in Studies.model_fields}
        datasets = self.datasets.emnist
        for name, variant in self.variants.items():
            if variant.study not in studies:
                raise ValueError(
                    f"variants.{name}.study: unknown study '{variant.study}', "
                    f"expected one of {', '.join(studies)}"
                )
            if variant.dataset not in datasets:
                raise ValueError(
                    f"variants.{name}.dataset: unknown data set '{variant.dataset}', "
                    f"expected one of {', '.join(datasets)}"
                )
        wrong = [
            f"studies.{study_name}.variants: '{name}' has no block in variants "
            f"with study: {study_name}; add the block, or remove the name"
            for study_name, study in studies.items()
            for name in study.variants
            if name not in self.variants or self.variants[name].study != study_name
        ]
        wrong += [
            f"variants.{name}: is not listed in studies.{variant.study}.variants; "
            "add its name there, or remove the block"
            for name, variant in self.variants.items()
            if name not in studies[variant.study].variants
        ]
        if wrong:
            raise ValueError("\n".join(wrong))
        return self

    @model_validator(mode="after")
    def _warmups_end(self) -> "Params":
        for name, variant in self.variants.items():
            epochs = getattr(self.studies, variant.study).training.epochs
            if variant.training.warmup_epochs > epochs:
                raise ValueError(
                    f"variants.{name}.training.warmup_epochs: {variant.training.warmup_epochs} "
                    f"are more than the {epochs} of studies.{variant.study}.training.epochs, so "
                    "the weight of the KL would never reach 1"
                )
        return self

    @model_validator(mode="after")
    def _samples_are_read(self) -> "Params":
        for dataset, block in self.datasets.emnist.items():
            files = [f"{SAMPLES}/{dataset}/{name}" for name in EMNIST_FILES]
            given = [block.source.train, block.source.test]
            if len(set(given)) == 1:
                raise ValueError(
                    f"datasets.emnist.{dataset}.source: train and test are the same file; "
                    "measures must come from images that training never saw"
                )
            drawn = [Path(path).is_relative_to(SAMPLES) for path in given]
            if any(drawn) and given != files:
                raise ValueError(
                    f"datasets.emnist.{dataset}.source: a data set that reads the built-in sample "
                    f"must name both of its files, {files[0]} and {files[1]}"
                )
            if any(drawn) and dataset not in self.samples.emnist:
                raise ValueError(
                    f"samples.emnist: datasets.emnist.{dataset} reads {SAMPLES}/{dataset}/, "
                    f"so a sample '{dataset}' must be listed here"
                )
            if not any(drawn) and dataset in self.samples.emnist:
                raise ValueError(
                    f"samples.emnist.{dataset}: no data set reads this sample; remove the block "
                    f"(write 'emnist: {{}}' if it was the last)"
                )
        for sample in self.samples.emnist:
            if sample not in self.datasets.emnist:
                raise ValueError(
                    f"samples.emnist.{sample}: there is no data set of that name in "
                    "datasets.emnist to read it; add one, or remove the block"
                )
        return self

    @model_validator(mode="after")
    def _compared_variants_share_their_data(self) -> "Params":
        names = self.studies.letters.variants
        used = {self.variants[name].dataset: name for name in names}
        if len(used) > 1:
            raise ValueError(
                f"variants: {' and '.join(used.values())} of the study letters use different data "
                f"sets ({', '.join(used)}), so their measures cannot be compared; use one"
            )
        return self

    @model_validator(mode="after")
    def _characters_are_classes(self) -> "Params":
        wanted = self.studies.letters.evaluation.characters
        for name in self.studies.letters.variants:
            dataset = self.variants[name].dataset
            missing = set(wanted) - set(self.datasets.emnist[dataset].source.classes)
            if missing:
                raise ValueError(
                    f"studies.letters.evaluation.characters: {''.join(sorted(missing))} not among "
                    f"datasets.emnist.{dataset}.source.classes"
                )
        return self

    @model_validator(mode="after")
    def _mentioned_variants_exist(self) -> "Params":
        for key in LettersReport.model_fields:
            for name in getattr(self.report.letters, key):
                if name not in self.studies.letters.variants:
                    raise ValueError(
                        f"report.letters.{key}: '{name}' is not in studies.letters.variants"
                    )
        baseline = self.studies.letters.comparison.baseline
        if baseline not in self.studies.letters.variants:
            raise ValueError(
                f"studies.letters.comparison.baseline: '{baseline}' is not in "
                "studies.letters.variants"
            )
        return self


EMNIST_FILES = ("emnist-balanced-train.csv", "emnist-balanced-test.csv")


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml; raises InputError that names the file and each wrong key."""
    try:
        content = YAML(typ="safe", pure=True).load(existing(path))
    except YAMLError as error:
        raise InputError(f"{path}: not valid YAML.\n{error}") from error
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{path}: {line}" for item in error.errors() for line in _describe(item).splitlines()
        ]
        raise InputError("\n".join(lines)) from error


def _describe(item: Any) -> str:
    key = ".".join(str(part) for part in item["loc"] if part != "[key]")
    match item["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key; remove it or correct its name"
        case "missing":
            return f"{key}: missing; every key must be present"
        case "value_error":
            return f"{key}: {item['ctx']['error']}" if key else str(item["ctx"]["error"])
    hint = "; put it in quotes" if item["type"] == "string_type" else ""
    return f"{key or 'the file'}: {item['msg'].lower()} (got {item['input']!r}){hint}"


def raw_files(params: Params) -> list[Path]:
    """The user's own files that the data sets name."""
    sources = [dataset.source for dataset in params.datasets.emnist.values()]
    files = [Path(name) for source in sources for name in (source.train, source.test)]
    return [path for path in files if path.is_relative_to(RAW)]


def dump(section: Section) -> dict[str, Any]:
    return section.model_dump(mode="json")


def confirm(read: Callable[[], T], value: T) -> None:
    """Raises InputError if params.yaml has been edited, where `read` reads it, since `value`.

    The last step before outputs are moved into place: both engines will take them for made from
    what params.yaml holds then.
    """
    if read() != value:
        raise InputError(
            f"{PARAMS} was edited while this ran, so the outputs would not be what it says. "
            "Nothing was written; run the same command again."
        )


def block(blocks: Mapping[str, T], name: str, kind: str) -> T:
    """The block of that name; raises InputError with the known names if there is none."""
    if name not in blocks:
        raise InputError(f"unknown {kind} '{name}'; params.yaml has {', '.join(blocks)}.")
    return blocks[name]


def variant_config(params: Params, name: str) -> dict[str, Any]:
    """What a variant's training is made of: its own block and its study's, merged.

    Raises InputError for an unknown name.
    """
    variant = block(params.variants, name, "variant")
    study = getattr(params.studies, variant.study)
    return {
        "variant": name,
        "study": variant.study,
        "dataset": variant.dataset,
        "body": variant.body,
        "model": dump(study.model) | dump(variant.model),
        "training": dump(study.training) | dump(variant.training),
    }


def schema() -> str:
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(content | Params.model_json_schema(), indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
