import pytest
import torch
from unit.toys import config

from vaepipe.models.saved import build_likelihood, build_network


def of_latent(activation: str | None) -> dict:
    model = {"latent": 3, "latent_activation": activation, "hidden": [8], "activation": "relu"}
    return config() | {"kind": "autoencoder", "objective": "squared_error", "model": model}


@pytest.mark.parametrize("activation", [None, "relu"])
def test_latents_are_what_the_encoder_gives_cut_off_at_zero_only_if_asked(activation):
    torch.manual_seed(0)
    network = build_network(of_latent(activation))
    images = torch.rand(50, 16)
    *_, bias = network.encoder.parameters()
    torch.nn.init.zeros_(bias)
    codes = network.encode(images)
    assert codes.shape == (50, 3) and network.latent == 3
    assert not codes.requires_grad and network.code(images).requires_grad
    assert (codes.min() == 0) if activation else (codes.min() < 0)
    assert torch.equal(codes, network.code(images))


@torch.no_grad()
def test_leading_dimensions_are_folded_for_the_decoder():
    network = build_network(of_latent(None))
    z = torch.randn(5, 2, 7, 3)
    output = network.decode(z)
    assert output.shape == (5, 2, 7, 16)
    assert torch.allclose(output[3, 1], network.decoder(z[3, 1]), atol=1e-6)


def test_it_has_so_many_outputs_a_pixel_as_its_likelihood_asks():
    settings = of_latent(None) | {"likelihood": "learned_gaussian"}
    output = build_network(settings).decode(torch.zeros(2, 3))
    assert output.shape == (2, 32)
    assert build_likelihood(settings).mean(output).shape == (2, 16)


def test_no_latent_that_is_cut_off_begins_as_zero_for_all_images():
    images = torch.rand(50, 16)
    for seed in range(20):
        torch.manual_seed(seed)
        codes = build_network(of_latent("relu")).encode(images)
        assert (codes > 0).any(0).all(), seed
