import pytest
import torch
from torch import nn

from vaepipe.models.bodies import mlp
from vaepipe.models.kinds import vae
from vaepipe.models.normal import kl_per_latent


@pytest.fixture
def convolutional():
    """A VAE of images of 6 x 4 pixels with convolutions, which take one leading dimension."""
    torch.manual_seed(0)
    encoder = nn.Sequential(
        nn.Unflatten(1, (1, 6, 4)),
        nn.Conv2d(1, 2, 3, stride=2, padding=1),
        nn.Flatten(),
        nn.Linear(12, 6),
    )
    decoder = nn.Sequential(
        nn.Linear(3, 12),
        nn.Unflatten(1, (2, 3, 2)),
        nn.ConvTranspose2d(2, 1, 2, stride=2),
        nn.Flatten(),
    )
    return vae.VAE(encoder, decoder, 3)


@torch.no_grad()
def test_leading_dimensions_are_folded_for_the_decoder(convolutional):
    z = torch.randn(5, 2, 7, 3)
    output = convolutional.decode(z)
    assert output.shape == (5, 2, 7, 24)
    expected = torch.stack([convolutional.decoder(some) for some in z.reshape(10, 7, 3)])
    assert torch.allclose(output.reshape(10, 7, 24), expected, atol=1e-6)
    assert torch.equal(convolutional.decode(z[0, 0]), convolutional.decoder(z[0, 0]))


def test_codes_are_the_posterior_means(convolutional):
    images = torch.rand(5, 24)
    posterior = convolutional.posterior(images)
    assert posterior.mean.shape == posterior.log_variance.shape == (5, 3)
    codes = convolutional.encode(images)
    assert torch.equal(codes, convolutional.encoder(images)[:, :3])
    assert not codes.requires_grad


@torch.no_grad()
def test_mean_kl_is_over_all_images_whatever_the_batch(convolutional, monkeypatch):
    images = torch.rand(7, 24)
    expected = kl_per_latent(convolutional.posterior(images)).mean(0)
    for size in (2, 100):
        monkeypatch.setattr(vae, "BATCH", size)
        assert torch.allclose(convolutional.mean_kl(images), expected, atol=1e-6)


def test_the_encoder_gives_twice_the_latents_of_the_decoder():
    settings = {"latent": 3, "hidden": [5], "activation": "relu", "filters": None}
    network = vae.build(mlp, 1, {"shape": (2, 3), "model": settings})
    assert network.latent == 3
    assert network.encoder(torch.zeros(1, 6)).shape == (1, 6)
    assert network.decode(torch.zeros(1, 3)).shape == (1, 6)
    assert len(settings) == 4
