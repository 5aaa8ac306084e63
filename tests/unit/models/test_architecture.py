import json

import pytest
import torch
from torch import nn

from vaepipe.models.architecture import trace
from vaepipe.models.bodies import mlp
from vaepipe.models.kinds.vae import VAE


class Permute(nn.Module):
    """Channels, which were the last axis, to the front."""

    def forward(self, images):
        return images.permute(0, 3, 1, 2)


def convolutional() -> VAE:
    encoder = nn.Sequential(
        nn.Unflatten(1, (8, 12, 1)),
        Permute(),
        nn.Conv2d(1, 4, (4, 2), stride=2, padding="valid"),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(72, 6),
    )
    decoder = nn.Sequential(
        nn.Linear(3, 48),
        nn.ReLU(),
        nn.Unflatten(1, (2, 4, 6)),
        nn.ConvTranspose2d(2, 1, 3, stride=2, padding=1, output_padding=1),
        nn.Flatten(),
    )
    return VAE(encoder, decoder, 3)


def parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_layers_of_a_convolutional_network():
    layers = trace(convolutional(), (8, 12))
    assert [(of["part"], of["kind"], of["input"], of["output"]) for of in layers] == [
        ("encoder", "Unflatten", [96], [8, 12, 1]),
        ("encoder", "Permute", [8, 12, 1], [1, 8, 12]),
        ("encoder", "Conv2d", [1, 8, 12], [4, 3, 6]),
        ("encoder", "BatchNorm2d", [4, 3, 6], [4, 3, 6]),
        ("encoder", "ReLU", [4, 3, 6], [4, 3, 6]),
        ("encoder", "Flatten", [4, 3, 6], [72]),
        ("encoder", "Dropout", [72], [72]),
        ("encoder", "Linear", [72], [6]),
        ("decoder", "Linear", [3], [48]),
        ("decoder", "ReLU", [48], [48]),
        ("decoder", "Unflatten", [48], [2, 4, 6]),
        ("decoder", "ConvTranspose2d", [2, 4, 6], [1, 8, 12]),
        ("decoder", "Flatten", [1, 8, 12], [96]),
    ]
    assert [of["parameters"] for of in layers if of["parameters"]] == [36, 8, 438, 192, 19]
    convolution, transposed = (of["settings"] for of in layers if of["settings"])
    assert convolution == {
        "kernel_size": [4, 2],
        "stride": [2, 2],
        "padding": "valid",
        "output_padding": [0, 0],
    }
    assert transposed == {
        "kernel_size": [3, 3],
        "stride": [2, 2],
        "padding": [1, 1],
        "output_padding": [1, 1],
    }
    assert json.loads(json.dumps(layers)) == layers


def fully_connected() -> VAE:
    encoder = mlp.encoder((8, 12), 6, [9, 5], "relu")
    return VAE(encoder, mlp.decoder(3, (8, 12), 1, [9, 5], "relu"), 3)


def linear() -> VAE:
    return VAE(nn.Linear(96, 6), nn.Linear(3, 96), 3)


def tied() -> VAE:
    """One layer that both parts use."""
    shared = nn.Linear(3, 3)
    return VAE(
        nn.Sequential(nn.Linear(96, 3), shared, nn.Linear(3, 6)),
        nn.Sequential(shared, nn.Linear(3, 96)),
        3,
    )


@pytest.mark.parametrize("build", [convolutional, fully_connected, linear, tied])
def test_all_parameters_are_counted_once(build):
    network = build()
    assert sum(layer["parameters"] for layer in trace(network, (8, 12))) == parameters(network)


def test_a_parameter_that_no_layer_has_is_a_fault():
    network = linear()
    network.temperature = nn.Parameter(torch.ones(1))
    with pytest.raises(ValueError, match="belongs to no layer"):
        trace(network, (8, 12))


def test_a_trace_leaves_nothing_behind():
    network = convolutional().train()
    network.encoder[3].eval()
    modes = [module.training for module in network.modules()]
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random = torch.get_rng_state()
    first = trace(network, (8, 12))
    assert [module.training for module in network.modules()] == modes
    assert all((value == before[name]).all() for name, value in network.state_dict().items())
    assert (torch.get_rng_state() == random).all()
    assert all(parameter.grad is None for parameter in network.parameters())
    assert not any(module._forward_hooks for module in network.modules())
    assert torch.is_grad_enabled()
    assert trace(network, (8, 12)) == first


def test_a_network_that_fails_is_left_as_it_was():
    network = convolutional()
    with pytest.raises(RuntimeError):
        trace(network, (8, 13))
    assert network.training
    assert not any(module._forward_hooks for module in network.modules())


def test_zeros_lie_where_the_network_does():
    with torch.device("meta"):
        network = convolutional()
    assert trace(network, (8, 12)) == trace(convolutional(), (8, 12))
