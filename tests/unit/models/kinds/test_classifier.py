import pytest
import torch
from unit.toys import config

from vaepipe.core.errors import InputError
from vaepipe.models.architecture import trace
from vaepipe.models.saved import Model, build_likelihood, build_network

FILTERS = {"latent": None, "latent_activation": None, "deviation": None, "filters": [2, 3]}


@pytest.fixture
def settings() -> dict:
    parts = {"kind": "classifier", "objective": "cross_entropy", "likelihood": "categorical"}
    model = FILTERS | {"dense": 5, "dropout": 0.5}
    return config() | parts | {"body": "conv", "model": model, "classes": ["A", "B", "C"]}


def test_there_is_an_output_for_each_class_after_the_dense_layer(settings):
    network = build_network(settings)
    assert network.classify(torch.rand(4, 16)).shape == (4, 3)
    layers = trace(network, (4, 4))
    assert {layer["part"] for layer in layers} == {"encoder"}
    dense = [layer["output"] for layer in layers if layer["kind"] == "Linear"]
    assert dense == [[5], [3]]
    assert sum(layer["parameters"] for layer in layers) == sum(
        parameter.numel() for parameter in network.parameters()
    )


def test_a_trained_one_gives_the_probability_of_each_class_and_nothing_else(settings):
    model = Model(build_network(settings).eval(), build_likelihood(settings), (4, 4))
    images = torch.rand(6, 4, 4)
    found = model.classify(images)
    expected = model.network.classify(images.flatten(1)).softmax(-1)
    assert torch.allclose(found, expected, atol=1e-6) and not found.requires_grad
    for task in (model.encode, model.reconstruct):
        with pytest.raises(InputError, match="kind Classifier has no encode"):
            task(images)
    with pytest.raises(InputError, match="kind Classifier has no decode"):
        model.decode(torch.zeros(2, 3))


def test_dense_units_are_dropped_in_training_alone(settings):
    torch.manual_seed(0)
    network, images = build_network(settings), torch.rand(3, 16)
    assert not torch.equal(network.classify(images), network.classify(images))
    network.eval()
    assert torch.equal(network.classify(images), network.classify(images))
