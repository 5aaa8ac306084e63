"""How often samples show each value of an attribute, and what the reference says of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_json, write_json
from vaepipe.datasets.images import FILES, Images, read_images
from vaepipe.judges.attributes import AttributeJudge, read_attribute_judges
from vaepipe.judges.classifier import FACTS
from vaepipe.machine.device import prepare
from vaepipe.measures.shares import Views, compare, merged
from vaepipe.models.saved import Model, load, read_config
from vaepipe.studies.cartoons.analysis import scaled

OUTPUTS = ("attributes.json",)


class Attribute(Form):
    classes: list[str]
    accuracy: float
    majority: float
    confusion: list[list[int]]


class JudgeFacts(Form):
    """A file judge.json, as far as it tells of attributes."""

    attributes: Annotated[dict[str, Attribute], Field(min_length=1)]


def measure_attributes(
    settings: Mapping[str, Any], data: Path, judge: Path, models: Path, *outputs: Path
) -> None:
    """Let the judges of attributes look at samples of every variant, and write what they say.

    The settings are the study's `variants`, `attributes` and `claims`. The output holds `samples`,
    how many of each seed; `judges`, of each attribute how often the judge is right (`accuracy`, and
    `recall` of each value) and the share of the commonest value (`majority`); for each variant and
    deviation what `shares.compare` finds, as `rows`, and as `claims` the same of each claim, whose
    values are put together, and how well these are `recognised`. Raises InputError if a claim names
    what is not judged.
    """
    variants, asked, settings = (settings[key] for key in ("variants", "claims", "attributes"))
    device = prepare(settings["device"], settings["threads"])
    facts = read_json(judge / FACTS, JudgeFacts)["attributes"]
    check_claims(asked, {name: of["classes"] for name, of in facts.items()})
    judges = read_attribute_judges(judge, device)
    test = read_images(data / FILES[1])
    seen = views_of_test(judges, test, device)
    found = {
        (variant, deviation): views_of_samples(judges, networks, deviation, settings)
        for variant in variants
        for networks in [seeds_of(models / variant, device)]
        for deviation in settings["deviations"]
    }
    views = {
        (*key, name): Views(judges[name].values, *seen[name], samples)
        for key, of_key in found.items()
        for name, samples in of_key.items()
    }
    claims = {
        (*key, claim): merged(views[*key, of["attribute"]], {claim: of["values"]})
        for key in found
        for claim, of in asked.items()
    }
    (attributes_file,) = outputs
    write_json(
        attributes_file,
        {
            "samples": settings["samples"],
            "judges": {name: facts_of(of) for name, of in facts.items()},
            "rows": rows(compare(views)),
            "claims": [
                row | {"recognised": recognised(claims[key], key[-1])}
                for key, told in compare(claims).items()
                for row in rows({key: [of for of in told if of["value"] == key[-1]]})
            ],
        },
    )


def check_claims(
    claims: Mapping[str, Mapping[str, Any]], values: Mapping[str, Sequence[str]]
) -> None:
    """Raises InputError if a claim names what is not judged."""
    for claim, of in claims.items():
        key = f"params.yaml: studies.cartoons.claims.{claim}"
        known = values.get(of["attribute"])
        if known is None:
            raise InputError(
                f"{key}.attribute: no judge looks at '{of['attribute']}', but at "
                f"{', '.join(values)}; name it in the judge's `attributes`, or remove the claim."
            )
        if unknown := [value for value in of["values"] if value not in known]:
            raise InputError(
                f"{key}.values: '{unknown[0]}' is no value of {of['attribute']}, which has "
                f"{', '.join(known)}."
            )


def recognised(of: Views, value: str) -> dict[str, float | None]:
    """How often the judge is right about test images with a value (`own`), and without (`others`).

    Shares of those; None where there are none.
    """
    index = of.values.index(value)
    has, told = of.labels == index, of.test.argmax(-1) == index
    return {
        "own": float(told[has].mean()) if has.any() else None,
        "others": float(1 - told[~has].mean()) if not has.all() else None,
    }


def views_of_test(
    judges: Mapping[str, AttributeJudge], test: Images, device: torch.device
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Of each attribute the labels of the test images, (n,), and what the judge says of them."""
    images = torch.as_tensor(test.pixels["clean"], device=device)
    return {
        name: (judge.indices(test.attributes[name]), judge.look(images))
        for name, judge in judges.items()
    }


def seeds_of(folder: Path, device: torch.device) -> list[Model]:
    """The trained models of a variant, a seed each."""
    return [load(folder, seed).to(device) for seed in read_config(folder)["training"]["seeds"]]


def views_of_samples(
    judges: Mapping[str, AttributeJudge],
    models: Sequence[Model],
    deviation: float,
    settings: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    """Of each attribute what the judge says of the samples, (seeds, samples, values)."""
    drawn = [samples_of(model, deviation, settings) for model in models]
    return {
        name: np.stack([judge.look(images) for images in drawn]) for name, judge in judges.items()
    }


def samples_of(model: Model, deviation: float, settings: Mapping[str, Any]) -> Tensor:
    """Images (samples, pixels) decoded from draws of N(0, deviation^2)."""
    (z,) = scaled(model, [deviation], settings["samples"], settings["seed"])
    return model.decode_pixels(z)


def facts_of(attribute: Mapping[str, Any]) -> dict[str, Any]:
    """How often a judge is right: about all test images, and about those of each value."""
    recall = {
        value: row[index] / sum(row) if sum(row) else None
        for index, (value, row) in enumerate(
            zip(attribute["classes"], attribute["confusion"], strict=True)
        )
    }
    return {key: attribute[key] for key in ("accuracy", "majority")} | {"recall": recall}


def rows(found: Mapping[tuple[str, float, str], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What was found, with the variant, the deviation and the name of each."""
    return [
        {"variant": variant, "deviation": deviation, "name": name, "values": of}
        for (variant, deviation, name), of in found.items()
    ]
