import json

import numpy as np
import pytest
import torch
from unit.judges.test_judge import SETTINGS

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays
from vaepipe.datasets.images import Kind, read_images, writing
from vaepipe.judges.attributes import read_attribute_judges
from vaepipe.judges.classifier import read_judge
from vaepipe.judges.training import OUTPUTS, train_judge

SHAPE = (6, 8, 3)
CPU = torch.device("cpu")
GLASSES = np.array(["sunglasses", "none", "glasses"])
"""Not in the order of the alphabet."""


def write(folder, counts=(300, 90), hats=("none", "cap"), seed=0):
    """Images of two classes, which half is bright, with three glasses, which colour is missing."""
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(seed)
    for name, count in zip(("train.parquet", "test.parquet"), counts, strict=True):
        labels = generator.integers(0, 2, count)
        colours = generator.choice(3, count, p=[0.2, 0.5, 0.3])
        hat = np.array(hats[:-1] if name == "test.parquet" else hats)
        clean = generator.random((count, *SHAPE), np.float32) * 0.5
        clean[labels == 0, :, :4] += 0.5
        clean[labels == 1, :, 4:] += 0.5
        clean[np.arange(count), :, :, colours] = 0
        told = {"glasses": GLASSES[colours], "hat": hat[np.arange(count) % len(hat)]}
        kind = Kind(SHAPE, ("A", "B"), "x", tuple(told))
        with writing(folder / name, kind, ["clean", "noisy"], np.float32) as file:
            file.write(labels, clean, np.zeros_like(clean), attributes=told)
    return folder


def trained(data, folder, *attributes, **settings):
    folder.mkdir(exist_ok=True)
    asked = SETTINGS | {"attributes": list(attributes)} | settings
    train_judge(asked, "cartoons", data, *(folder / name for name in OUTPUTS))
    return folder, json.loads((folder / "judge.json").read_text())


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return write(tmp_path_factory.mktemp("data"))


def test_an_attribute_is_learned_beside_the_class_and_its_judge_comes_back(data, tmp_path):
    folder, facts = trained(data, tmp_path / "judge", "glasses")
    ((name, reader),) = read_attribute_judges(folder, CPU).items()
    judge, values = reader
    assert (name, values) == ("glasses", ("glasses", "none", "sunglasses"))
    told = facts["attributes"]["glasses"]
    assert told["classes"] == list(values)
    assert judge.accuracy == told["accuracy"] > 0.9
    train, test = (read_images(data / f"{part}.parquet") for part in ("train", "test"))
    assert told["shares"] == [np.mean(train.attributes["glasses"] == value) for value in values]
    probable = reader.look(torch.tensor(test.pixels["clean"]))
    assert probable.shape == (90, 3) and probable.sum(1) == pytest.approx(1)
    named = np.array(values)[probable.argmax(1)]
    true = test.attributes["glasses"]
    assert np.array_equal(np.array(values)[reader.indices(true)], true)
    assert told["accuracy"] == np.mean(named == true)
    assert told["majority"] == max(np.mean(true == value) for value in values)
    assert 1 <= told["best_epoch"] <= told["epochs"] <= SETTINGS["epochs"]


def test_of_the_test_images_of_a_value_it_is_told_what_they_are_taken_for(tmp_path):
    """Hats are no part of the images, so that the judge errs."""
    data = write(tmp_path / "data", hats=("none", "cap", "bow"))
    folder, facts = trained(data, tmp_path / "judge", "hat", epochs=1, learning_rate=0.1)
    reader = read_attribute_judges(folder, CPU)["hat"]
    test = read_images(data / "test.parquet")
    true = test.attributes["hat"]
    named = np.array(reader.values)[reader.look(torch.tensor(test.pixels["clean"])).argmax(1)]
    assert (true != named).any()
    expected = [
        [int(np.sum((true == a) & (named == b))) for b in reader.values] for a in reader.values
    ]
    assert facts["attributes"]["hat"]["confusion"] == expected


def test_the_judge_of_the_class_is_the_same_with_and_without_attributes(data, tmp_path):
    (alone, told), (beside, more) = (
        trained(data, tmp_path / name, *asked, dropout=0.3, epochs=2)
        for name, asked in (("a", ()), ("b", ("hat", "glasses")))
    )
    assert (alone / "history.csv").read_bytes() == (beside / "history.csv").read_bytes()
    assert told["attributes"] == {} and list(more["attributes"]) == ["hat", "glasses"]
    assert {**more, "attributes": {}} == told
    weights, others = (read_arrays(folder / "model.safetensors") for folder in (alone, beside))
    assert {name: array.tolist() for name, array in weights.items()} == {
        name: array.tolist() for name, array in others.items() if name.startswith("judge/")
    }
    images = torch.rand(5, 144)
    same = [read_judge(folder, CPU).probabilities(images) for folder in (alone, beside)]
    assert torch.equal(*same)
    assert read_attribute_judges(alone, CPU) == {}


def test_an_attribute_is_learned_alike_whatever_stands_beside_it(data, tmp_path):
    found = [
        trained(data, tmp_path / name, *asked, dropout=0.3, epochs=2)[1]["attributes"]["glasses"]
        for name, asked in (("a", ("hat", "glasses")), ("b", ("glasses",)))
    ]
    assert found[0] == found[1]


def test_training_of_an_attribute_stops_when_nothing_is_left_to_learn(data, tmp_path):
    """Hats are no part of the images."""
    told = trained(data, tmp_path / "judge", "hat", epochs=200)[1]["attributes"]["hat"]
    assert told["epochs"] == told["best_epoch"] + SETTINGS["patience"] < 200


def test_an_attribute_that_there_is_not_is_named_with_those_that_there_are(data, tmp_path):
    message = r"judges\.cartoons\.attributes: .* no attribute 'beard'; it has glasses, hat\."
    with pytest.raises(InputError, match=message):
        trained(data, tmp_path / "judge", "glasses", "beard")


def test_an_attribute_of_one_value_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"'hat' is 'none' for all training images"):
        trained(write(tmp_path / "data", hats=("none", "none")), tmp_path / "judge", "hat")


def test_a_value_that_training_never_saw_is_refused(tmp_path):
    data = write(tmp_path / "data", counts=(2, 90), hats=("cap", "bow", "top", "none"))
    with pytest.raises(InputError, match=r"no training image has the 'hat' 'top', which test im"):
        trained(data, tmp_path / "judge", "hat")


def test_a_file_that_does_not_fit_is_refused(data, tmp_path):
    folder, facts = trained(data, tmp_path / "judge", "glasses", epochs=1)
    facts["attributes"]["glasses"]["classes"].append("monocle")
    (folder / "judge.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match=r"model\.safetensors: does not fit judge\.json beside it"):
        read_attribute_judges(folder, CPU)
    assert read_judge(folder, CPU).accuracy == facts["accuracy"]
    del facts["attributes"]
    (folder / "judge.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match=r"judge\.json: attributes: field required"):
        read_attribute_judges(folder, CPU)
