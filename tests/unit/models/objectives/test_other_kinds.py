"""Objectives that have no posterior: by hand, and their gradients against finite differences."""

import torch
from unit.toys import config, splits

from vaepipe.learning.loop import build_objective
from vaepipe.models.saved import build_likelihood, build_network

AUTOENCODER = {
    "kind": "autoencoder",
    "objective": "squared_error",
    "model": {"latent": 2, "latent_activation": None, "hidden": [8], "activation": "tanh"},
}
CLASSIFIER = {
    "kind": "classifier",
    "objective": "cross_entropy",
    "likelihood": "categorical",
    "model": {"latent": None, "dense": 4, "dropout": 0.0, "hidden": [8], "activation": "tanh"},
}


def test_the_squared_error_is_that_of_noisy_in_and_clean_out():
    settings = config() | AUTOENCODER
    network, (_, test) = build_network(settings), splits()
    (found,) = build_objective(settings).terms(network, test, torch.Generator())
    decoded = torch.sigmoid(network.decoder(network.encoder(test.noisy)))
    assert torch.allclose(found, ((test.clean - decoded) ** 2).sum(1))
    assert found.shape == (20,)


def test_the_squared_error_is_a_normal_density_but_for_a_constant():
    settings = config() | AUTOENCODER
    network, (_, test) = build_network(settings), splits()
    (found,) = build_objective(settings).terms(network, test, torch.Generator())
    normal = build_likelihood(
        settings | {"likelihood": "gaussian", "model": settings["model"] | {"deviation": 0.5**0.5}}
    )
    nats = -normal.log_density(test.clean, network.decode(network.encode(test.noisy)))
    gaps = nats - found
    assert torch.allclose(gaps, gaps[:1].expand(20), atol=1e-4)


def test_the_cross_entropy_is_of_the_labels():
    settings = config() | CLASSIFIER
    network, (_, test) = build_network(settings), splits()
    (found,) = build_objective(settings).terms(network, test, torch.Generator())
    shares = network.classify(test.noisy).softmax(1)
    assert torch.allclose(found, -shares[torch.arange(20), test.labels].log(), atol=1e-6)


def test_gradients_are_those_of_finite_differences():
    for kind in (AUTOENCODER, CLASSIFIER):
        settings = config() | kind
        torch.manual_seed(0)
        network, (_, test) = build_network(settings).double(), splits()
        batch = type(test)(test.noisy.double(), test.clean.double(), test.labels)
        objective = build_objective(settings)

        def loss(network=network, batch=batch, objective=objective):
            return objective.loss(objective.terms(network, batch, None)[0].mean()[None], 0, 1)

        loss().backward()
        for weights in network.parameters():
            flat, step = weights.data.view(-1), 1e-6
            for place in (0, len(flat) // 2):
                values = []
                for by in (step, -2 * step):
                    flat[place] += by
                    values.append(loss().item())
                flat[place] += step
                slope = (values[0] - values[1]) / (2 * step)
                assert abs(slope - weights.grad.view(-1)[place].item()) < 1e-5
