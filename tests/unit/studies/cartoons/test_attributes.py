import numpy as np
import pytest
import torch
from unit.toys import config

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_json, write_json
from vaepipe.datasets.images import FILES, Kind, writing
from vaepipe.judges.classifier import FACTS
from vaepipe.judges.training import OUTPUTS as JUDGE
from vaepipe.judges.training import train_judge
from vaepipe.measures.shares import Views
from vaepipe.models.saved import build_network
from vaepipe.models.weights import save_weights
from vaepipe.studies.cartoons.attributes import (
    check_claims,
    facts_of,
    measure_attributes,
    recognised,
)
from vaepipe.studies.cartoons.comparison import Told

SHAPE = (4, 4)
SETTINGS = {
    "variants": ["a", "b"],
    "attributes": {
        "samples": 12,
        "deviations": [0.5, 1.0],
        "seed": 0,
        "device": "cpu",
        "threads": 1,
    },
    "claims": {"bright": {"attribute": "tone", "values": ["light", "white"], "says": "most"}},
}


@pytest.fixture
def root(tmp_path):
    """A data set whose attribute is how light an image is, its judge, and two variants."""
    levels = {"dark": 0.1, "light": 0.6, "white": 0.9}
    for file, count in zip(FILES, (60, 30), strict=True):
        rng = np.random.default_rng(count)
        words = np.array(list(levels))[rng.integers(0, 3, count)]
        light = np.array([levels[word] for word in words])[:, None]
        pixels = (light + rng.uniform(-0.1, 0.1, (count, 16))).astype(np.float32)
        kind = Kind(SHAPE, ("A", "B"), "x", ("tone",))
        (tmp_path / "data").mkdir(exist_ok=True)
        with writing(tmp_path / "data" / file, kind, ["clean", "noisy"], np.float32) as writer:
            labels = np.arange(count) % 2
            writer.write(labels, pixels, pixels, attributes={"tone": words})
    judge = {
        "attributes": ["tone"],
        "channels": [2, 3],
        "features": 6,
        "dropout": 0.0,
        "batch_size": 10,
        "learning_rate": 0.02,
        "validation": 0.2,
        "epochs": 30,
        "patience": 30,
        "seed": 0,
        "device": "cpu",
        "threads": 1,
    }
    (tmp_path / "judge").mkdir()
    train_judge(judge, "x", tmp_path / "data", *(tmp_path / "judge" / name for name in JUDGE))
    settings = config() | {"shape": list(SHAPE)}
    for variant in ("a", "b"):
        folder = tmp_path / "models" / variant
        folder.mkdir(parents=True)
        torch.manual_seed(0)
        weights = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
        save_weights(folder / "model.safetensors", weights)
        write_json(folder / "config.json", settings)
    return tmp_path


def measured(root):
    target = root / "attributes.json"
    measure_attributes(SETTINGS, root / "data", root / "judge", root / "models", target)
    return read_json(target, Told)


def test_each_variant_and_deviation_has_a_row_an_attribute_and_one_a_claim(root):
    found = measured(root)
    expected = {(v, d) for v in ("a", "b") for d in (0.5, 1.0)}
    for part, names in (("rows", {"tone"}), ("claims", {"bright"})):
        assert {(row["variant"], row["deviation"]) for row in found[part]} == expected
        assert {row["name"] for row in found[part]} == names
    assert found["samples"] == 12
    for row, claim in zip(found["rows"], found["claims"], strict=True):
        assert [of["value"] for of in row["values"]] == ["dark", "light", "white"]
        assert sum(of["samples"]["share"] for of in row["values"]) == pytest.approx(1)
        (bright,) = claim["values"]
        assert bright["value"] == "bright"
        together = sum(of["true"]["share"] for of in row["values"][1:])
        assert bright["true"]["share"] == pytest.approx(together)
        assert len(bright["samples"]["values"]) == 2  # seeds
    told = read_json(root / "judge" / FACTS)["attributes"]["tone"]
    assert found["judges"]["tone"]["accuracy"] == told["accuracy"]


def test_the_same_draws_are_looked_at_again(root):
    assert measured(root) == measured(root)


def test_recall_is_the_share_of_each_value_that_is_named_rightly():
    told = {
        "classes": ["a", "b", "c"],
        "accuracy": 0.7,
        "majority": 0.6,
        "confusion": [[3, 1, 0], [0, 4, 2], [0, 0, 0]],
    }
    expected = {"a": 0.75, "b": pytest.approx(2 / 3), "c": None}
    assert facts_of(told) == {"accuracy": 0.7, "majority": 0.6, "recall": expected}


def test_a_claim_on_what_is_not_judged_is_named():
    values = {"hair": ["brown", "red"]}
    with pytest.raises(InputError, match=r"claims\.x\.attribute: no judge looks at 'skin', but at"):
        check_claims({"x": {"attribute": "skin", "values": ["brown"]}}, values)
    with pytest.raises(InputError, match=r"claims\.x\.values: 'blue' is no value of hair, which h"):
        check_claims({"x": {"attribute": "hair", "values": ["red", "blue"]}}, values)


def test_a_judge_without_attributes_is_refused(root):
    path = root / "judge" / FACTS
    write_json(path, read_json(path) | {"attributes": {}})
    with pytest.raises(InputError, match=r"judge\.json: attributes"):
        measured(root)


def test_a_judge_that_always_says_one_value_recognises_no_other():
    labels = np.array([0, 0, 0, 1])
    always = np.tile([0.9, 0.1], (4, 1))
    views = Views(("natural", "green"), labels, always, always[None])
    assert recognised(views, "natural") == {"own": 1.0, "others": 0.0}
    mixed = always[:, ::-1].copy()
    mixed[0] = 0.9, 0.1
    views = Views(("natural", "green"), labels, mixed, always[None])
    assert recognised(views, "natural") == {"own": pytest.approx(1 / 3), "others": 1.0}
    assert recognised(views._replace(labels=0 * labels), "natural")["others"] is None
