"""params.yaml as a whole: assembled from the pieces, loaded, and the parts that a node reads.

The JSON schema in workflow/schemas is exported from these classes by `python -m vaepipe.params`.
"""

import json
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, create_model, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.reader import ReaderError

from vaepipe.config import judges, sources
from vaepipe.config.fields import Name, Section, Title
from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError
from vaepipe.core.inputs import existing
from vaepipe.studies.cartoons import config as cartoons
from vaepipe.studies.denoise import config as denoise
from vaepipe.studies.digits import config as digits
from vaepipe.studies.faces import config as faces
from vaepipe.studies.letters import config as letters
from vaepipe.studies.objects import config as objects

PARAMS = Path("params.yaml")
SCHEMA = Path("workflow/schemas/params.schema.json")

MOST_BYTES = 2 * 10**6
"""Of the file: thousands of variants."""
DEEPEST = 20
"""Blocks within blocks: there are five."""

STUDIES = {
    "letters": letters,
    "digits": digits,
    "objects": objects,
    "denoise": denoise,
    "cartoons": cartoons,
    "faces": faces,
}
"""For each study its Study, Variant, Report and `check`; where it reads others' data, `beside`."""

Studies = create_model(
    "Studies", __base__=Section, **{name: (study.Study, ...) for name, study in STUDIES.items()}
)


class Titled(Section):
    title: Title
    author: Title | None


Report = create_model(
    "Report", __base__=Titled, **{name: (study.Report, ...) for name, study in STUDIES.items()}
)


def _told_apart_by_study(variants: list[type[Section]]) -> Any:
    """Any of these, by its key `study`; pydantic knows no union of one."""
    if len(variants) == 1:
        return variants[0]
    return Annotated[reduce(or_, variants), Field(discriminator="study")]


Variant = _told_apart_by_study([study.Variant for study in STUDIES.values()])


class Params(Section):
    numerics: Literal["fast", "portable"]
    samples: sources.Samples
    sources: sources.Sources
    datasets: dict[Name, sources.Dataset]
    judges: dict[Name, judges.Judge]
    studies: Studies
    variants: dict[Name, Variant]
    report: Report

    @model_validator(mode="after")
    def _data_meet(self) -> "Params":
        sources.check(self.samples, self.sources, self.datasets)
        judges.check(self.judges, self.datasets)
        return self

    @model_validator(mode="after")
    def _names_meet(self) -> "Params":
        studies = dict(self.studies)
        wrong = []
        for name, variant in self.variants.items():
            if variant.dataset not in self.datasets:
                raise ValueError(
                    f"variants.{name}.dataset: unknown data set '{variant.dataset}', "
                    f"expected one of {', '.join(self.datasets)}"
                )
            grey = self.datasets[variant.dataset].pixels == "grey"
            if variant.likelihood == "continuous_bernoulli" and not grey:
                raise ValueError(
                    f"variants.{name}.likelihood: continuous_bernoulli is a density of grey "
                    f"pixels, but those of datasets.{variant.dataset} are binary; use bernoulli"
                )
            if name not in studies[variant.study].variants:
                wrong.append(
                    f"variants.{name}: is not listed in studies.{variant.study}.variants; "
                    "add its name there, or remove the block"
                )
        missing = [
            f"studies.{study_name}.variants: '{name}' has no block in variants "
            f"with study: {study_name}; add the block, or remove the name"
            for study_name, study in studies.items()
            for name in study.variants
            if name not in self.variants or self.variants[name].study != study_name
        ]
        if missing + wrong:
            raise ValueError("\n".join(missing + wrong))
        return self

    @model_validator(mode="after")
    def _studies_hold_together(self) -> "Params":
        used = {variant.dataset for variant in self.variants.values()}
        for study_name, study in self.studies:
            used |= set(_beside(study_name, dump(study)))
        for name in self.datasets:
            if name not in used:
                raise ValueError(
                    f"datasets.{name}: no variant reads this data set; name it in one, or remove "
                    "the block"
                )
        known = sources.by_name(self.sources)
        classes = {name: known[d.source].classes for name, d in self.datasets.items()}
        for name, study in dict(self.studies).items():
            variants = {n: v for n, v in self.variants.items() if v.study == name}
            _check_datasets(name, study.datasets, variants)
            STUDIES[name].check(study, variants, getattr(self.report, name), classes)
        return self


def _beside(study: str, settings: Mapping[str, Any]) -> list[str]:
    """Data sets that a study of these settings reads beside those of its variants."""
    found = getattr(STUDIES.get(study), "beside", None)
    return found(settings) if found else []


def _check_datasets(study: str, listed: list[str], variants: Mapping[str, Section]) -> None:
    """Raises ValueError if a study does not list exactly the data sets that its variants read."""
    for name, variant in variants.items():
        if variant.dataset not in listed:
            raise ValueError(
                f"studies.{study}.datasets: '{variant.dataset}', which variants.{name} reads, is "
                "missing"
            )
    used = {variant.dataset for variant in variants.values()}
    for name in listed:
        if name not in used:
            raise ValueError(f"studies.{study}.datasets: no variant of the study reads '{name}'")


def load_params(path: Path = PARAMS) -> Params:
    """Read and check params.yaml; raises InputError that names the file and each wrong key."""
    content = parse(path)
    try:
        return Params.model_validate(content)
    except ValidationError as error:
        lines = [
            f"{path}: {line}" for item in error.errors() for line in _describe(item).splitlines()
        ]
        raise InputError("\n".join(lines)) from error


def parse(path: Path) -> Any:
    """The content of params.yaml, unchecked; raises InputError if it cannot be read."""
    try:
        content = existing(path).read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {shortage(error) or f'{error.strerror}.'}") from error
    if len(content) > MOST_BYTES:
        raise InputError(f"{path}: larger than {MOST_BYTES // 10**6} MB.")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"{path}: line {line}: not UTF-8; save the file as UTF-8.") from error
    try:
        _check_plain(path, text)
        return YAML(typ="safe", pure=True).load(text)
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise InputError(f"{path}: not valid YAML: line {line}: {error.reason}.") from error
    except MarkedYAMLError as error:
        line, problem = error.problem_mark.line + 1, str(error.problem).splitlines()[0]
        raise InputError(f"{path}: not valid YAML: line {line}: {problem:.200}.") from error
    except (TypeError, ValueError) as error:  # of a number, a date or a key
        raise InputError(f"{path}: not valid YAML: {error!s:.200}.") from error


def _check_plain(path: Path, text: str) -> None:
    """Raises InputError at what could grow without bounds, or mean something else to DVC."""
    depth = 0
    for event in YAML(typ="safe").parse(text):
        line = event.start_mark.line + 1
        marks = [getattr(event, name, None) for name in ("anchor", "tag", "version", "tags")]
        if any(marks) or getattr(event, "value", None) == "<<":
            raise InputError(
                f"{path}: line {line}: anchors, aliases, tags, merges and directives (&, *, !, <<, "
                "%) are not supported; write the values out."
            )
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise InputError(f"{path}: line {line}: nested more than {DEEPEST} deep.")


def _describe(item: Any) -> str:
    place = [str(part) for part in item["loc"] if part != "[key]"]
    if place[:1] == ["variants"] and len(STUDIES) > 1 and place[2:3] and place[2] in STUDIES:
        del place[2]  # by which pydantic tells the union's members apart
    key = ".".join(place)
    match item["type"]:
        case "extra_forbidden":
            return f"{key}: unknown key; remove it or correct its name"
        case "missing":
            return f"{key}: missing; every key must be present"
        case "union_tag_not_found":
            return f"{key}.study: missing; every key must be present"
        case "union_tag_invalid":
            return _unknown_study(f"{key}.study", item["ctx"]["tag"])
        case "literal_error" if place[:1] == ["variants"] and place[2:] == ["study"]:
            return _unknown_study(key, item["input"])
        case "value_error":
            return f"{key}: {item['ctx']['error']}" if key else str(item["ctx"]["error"])
    hint = "; put it in quotes" if item["type"] == "string_type" else ""
    return f"{key or 'the file'}: {item['msg'].lower()} (got {item['input']!r:.80}){hint}"


def _unknown_study(key: str, study: Any) -> str:
    return f"{key}: unknown study '{study}', expected one of {', '.join(STUDIES)}"


def dump(section: Section) -> dict[str, Any]:
    return section.model_dump(mode="json")


def lookup(params: Mapping[str, Any], key: str) -> Any:
    """The value at a dotted key; raises InputError that names what there is instead."""
    value: Any = params
    for depth, part in enumerate(parts := key.split(".")):
        if part not in value:
            parent = ".".join(parts[:depth]) or "the file"
            raise InputError(
                f"params.yaml: {parent} has no '{part}'; it has {', '.join(value) or 'nothing'}."
            )
        value = value[part]
    return value


def read(key: str, params: Mapping[str, Any]) -> Any:
    """The value at a dotted key of params.yaml; raises InputError as `lookup` does."""
    return lookup(params, key)


def read_study(variant: str, section: str, params: Mapping[str, Any]) -> Any:
    """A section of the study that a variant belongs to."""
    return lookup(params, f"studies.{lookup(params, f'variants.{variant}.study')}.{section}")


def read_evaluation(variant: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """How a variant is evaluated, and the settings of its data set, `data`."""
    study, dataset = (lookup(params, f"variants.{variant}.{key}") for key in ("study", "dataset"))
    return read_with_data(f"studies.{study}.evaluation", dataset, params)


def read_sections(study: str, sections: Sequence[str], params: Mapping[str, Any]) -> dict[str, Any]:
    """Some sections of a study."""
    return {section: lookup(params, f"studies.{study}.{section}") for section in sections}


def read_with_data(key: str, dataset: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The section at a dotted key, and the settings of a data set, `data`."""
    return lookup(params, key) | {"data": lookup(params, f"datasets.{dataset}")}


def read_variant(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a variant's training is made of: its own block and its study's, merged."""
    variant = lookup(params, f"variants.{name}")
    study = params["studies"][variant["study"]]
    merged = {part: study[part] | variant[part] for part in ("model", "training")}
    beside = {
        "data": lookup(params, f"datasets.{variant['dataset']}"),
        "numerics": params["numerics"],
    }
    return {"variant": name} | variant | merged | beside


def read_report(study: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Title of a study's report, and the part of params.yaml that its results are made of."""
    own = lookup(params, f"studies.{study}")
    read = [*own["datasets"], *_beside(study, own)]
    datasets = {name: params["datasets"][name] for name in read}
    names = {dataset["source"] for dataset in datasets.values()}

    def used(section: str) -> dict[str, Any]:
        return {
            file_format: {name: block for name, block in blocks.items() if name in names}
            for file_format, blocks in params[section].items()
            if names & set(blocks)
        }

    return {
        "title": params["report"][study]["title"],
        "params": {
            "numerics": params["numerics"],
            "samples": used("samples"),
            "sources": used("sources"),
            "datasets": datasets,
            "judges": {name: params["judges"][name] for name in own["datasets"]},
            "studies": {study: own},
            "variants": {n: v for n, v in params["variants"].items() if v["study"] == study},
            "report": {key: params["report"][key] for key in ("author", study)},
        },
    }


def read_full_report(params: Mapping[str, Any]) -> dict[str, Any]:
    """Title of the report of all studies, and all of params.yaml."""
    return {"title": params["report"]["title"], "params": params}


def schema() -> str:
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(content | Params.model_json_schema(), indent=2) + "\n"


def export() -> None:
    SCHEMA.write_text(schema(), encoding="utf-8")


if __name__ == "__main__":
    from vaepipe import params  # whose name the schema states, where __main__ would stand

    params.export()
