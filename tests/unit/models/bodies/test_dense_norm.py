"""Against the layers and numbers that the reference states, and a pass written out by hand."""

import pytest
import torch
from torch import nn

from vaepipe.figures.architecture import sizes
from vaepipe.models.architecture import trace
from vaepipe.models.bodies import dense_norm
from vaepipe.models.kinds.autoencoder import build as autoencoder
from vaepipe.models.kinds.vae import build as vae
from vaepipe.models.likelihoods.centred_gaussian import Likelihood


def config(shape: tuple[int, ...], latent: int, hidden: list[int], activation: str | None) -> dict:
    model = {"latent": latent, "latent_activation": activation, "hidden": hidden}
    return {"shape": shape, "model": model | {"deviation": 0.1}}


def test_the_full_size_has_the_layers_and_numbers_of_the_reference():
    settings = config((64, 64, 3), 2048, [4096], "norm_relu")
    with torch.device("meta"):
        network = autoencoder(dense_norm, 1, settings)
    parameters = list(network.parameters())
    assert sum(p.numel() for p in parameters) == 117_483_520
    assert all(p.requires_grad for p in parameters)
    hidden = ["Linear", "BatchNorm1d", "ReLU"]
    kinds = [type(m).__name__ for m in network.modules() if not list(m.children())]
    assert kinds == [*3 * hidden, "Linear", "Tanh"]
    linear = [m for m in network.modules() if isinstance(m, nn.Linear)]
    assert [(m.in_features, m.out_features) for m in linear] == [
        (12288, 4096),
        (4096, 2048),
        (2048, 4096),
        (4096, 12288),
    ]
    outputs = [4096] * 3 + [2048] * 3 + [4096] * 3 + [12288] * 2
    layers = [{"input": [12288], "output": [of], "parameters": 0} for of in outputs]
    layers[0]["parameters"] = 117_483_520
    found = {name: f"{value:.2f}" for name, value in sizes(layers).items()}
    wanted = {"input": "0.05", "passes": "0.42", "weights": "448.16", "total": "448.63"}
    assert found == wanted | {"parameters": "117483520.00"}


def test_the_table_is_that_of_the_layers_of_the_model():
    settings = config((2, 2, 3), 4, [8], "norm_relu")
    layers = trace(autoencoder(dense_norm, 1, settings), (2, 2, 3))
    hidden = ["Linear", "BatchNorm1d", "ReLU"]
    assert [of["kind"] for of in layers] == [*3 * hidden, "Linear", "Tanh"]
    assert [of["output"][0] for of in layers] == [*3 * [8], *3 * [4], *3 * [8], 12, 12]
    assert [of["parameters"] for of in layers] == [104, 16, 0, 36, 8, 0, 40, 16, 0, 108, 0]
    count = 104 + 16 + 36 + 8 + 40 + 16 + 108
    passes = 2 * (7 * 8 - 8 + 12 + 2 * 12)
    found = sizes(layers)
    assert found["parameters"] == count
    assert found["total"] == pytest.approx(4 * (12 + 2 * (6 * 8 + 3 * 4 + 2 * 12) + count) / 2**20)
    assert passes == 2 * (6 * 8 + 3 * 4 + 2 * 12)


def test_a_pass_is_that_of_its_layers_on_pixels_in_minus_1_to_1():
    torch.manual_seed(0)
    network = autoencoder(dense_norm, 1, config((2, 2), 3, [5], "norm_relu")).eval()
    images = torch.rand(7, 4)
    first, norm, second = network.encoder[0][0], network.encoder[0][1], network.encoder[0][3]
    with torch.no_grad():
        norm.running_mean += 0.3
        hidden = first(2 * images - 1)
        hidden = (hidden - norm.running_mean) / (norm.running_var + norm.eps).sqrt()
        codes = second(hidden.relu()).relu() / (1 + 1e-5) ** 0.5
        torch.testing.assert_close(network.code(images), codes)
    assert (network.decode(codes).abs() <= 1).all()
    pixels = Likelihood(0.1).mean(network.decode(codes))
    assert (pixels >= 0).all() and (pixels <= 1).all()


def test_a_vae_has_free_means_and_log_variances():
    torch.manual_seed(0)
    network = vae(dense_norm, 1, config((2, 2), 3, [5], None))
    posterior = network.posterior(torch.rand(50, 4))
    assert posterior.mean.shape == (50, 3) and (posterior.mean < 0).any()
    assert isinstance(network.encoder[-1], nn.Linear)
