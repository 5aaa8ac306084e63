"""What people use: vaepipe.data, load and results; denoise is tested with its module."""

import ast
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from unit.toys import config, linear_model

import vaepipe
from vaepipe.core.errors import InputError
from vaepipe.core.files import write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.models.saved import CONFIG, WEIGHTS, Model, build_network
from vaepipe.models.weights import save_weights

PACKAGE = Path(vaepipe.__file__).parent
INITS = sorted(set(PACKAGE.rglob("__init__.py")) - {PACKAGE / "__init__.py"})


def test_every_folder_of_modules_is_a_package():
    assert {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE} == {i.parent for i in INITS}


@pytest.mark.parametrize("path", INITS, ids=lambda path: path.parent.relative_to(PACKAGE).name)
def test_a_package_holds_its_description_alone(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


@pytest.fixture
def processed(tmp_path):
    """A prepared data set `small`: 4 x 3 pixels, classes a and b."""
    folder = tmp_path / "small"
    folder.mkdir()
    kind = Kind((4, 3), ("a", "b"), "data/raw/x.csv")
    for name, count in (("train", 6), ("test", 3)):
        clean = np.linspace(0, 1, count * 12, dtype=np.float32).reshape(count, 12)
        with writing(folder / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 2, clean, 1 - clean)
    return tmp_path


def test_data_are_images_with_their_noisy_versions_and_characters(processed):
    test = vaepipe.data("small", folder=processed)
    assert test.images.shape == test.noisy.shape == (3, 4, 3)
    assert test.images.dtype == np.float32
    assert np.allclose(test.noisy, 1 - test.images)
    assert test.labels.tolist() == [0, 1, 0]
    assert test.classes == ("a", "b")
    assert test.characters.tolist() == ["a", "b", "a"]
    assert test.characters.tolist() == [test.classes[label] for label in test.labels]
    assert len(vaepipe.data("small", "train", str(processed)).images) == 6


@pytest.mark.parametrize(("dataset", "split"), [("large", "test"), ("small", "validation")])
def test_absent_data_are_named(processed, dataset, split):
    with pytest.raises(InputError, match=rf"{dataset}/{split}\.parquet: no such file"):
        vaepipe.data(dataset, split, processed)


def test_data_go_into_a_model_as_they_are(processed):
    test = vaepipe.data("small", folder=processed)
    model = linear_model(12, 2, (4, 3))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        codes = model.encode(test.noisy)
        images = model.reconstruct(test.noisy)
    assert codes.shape == (3, 2)
    assert images.shape == test.images.shape


def test_load_takes_the_first_seed_or_the_one_that_is_named(tmp_path):
    weights = {}
    for seed in (3, 5):
        torch.manual_seed(seed)
        weights[seed] = build_network(config()).state_dict()
    save_weights(tmp_path / WEIGHTS, {f"seed-{s}": state for s, state in weights.items()})
    write_json(tmp_path / CONFIG, config())
    for given, seed in (((), 3), ((3,), 3), ((5,), 5)):
        model = vaepipe.load(str(tmp_path), *given)
        assert isinstance(model, Model)
        state = model.network.state_dict()
        assert all(torch.equal(state[name], weights[seed][name]) for name in state)


def test_results_are_a_table_of_the_study(tmp_path):
    for variant, value in (("b", 1.0), ("a", 2.0)):
        folder = tmp_path / "letters/evaluations" / variant
        folder.mkdir(parents=True)
        summary = {"seeds": [7], "measures": {"elbo": {"values": [value]}}}
        write_json(folder / "seeds.json", summary)
    table = vaepipe.results("letters", tmp_path)
    assert table.values.tolist() == [
        ["letters", "a", 7, "elbo", 2.0],
        ["letters", "b", 7, "elbo", 1.0],
    ]
    with pytest.raises(InputError, match="no evaluated variant of the study 'faces'"):
        vaepipe.results("faces", tmp_path)
