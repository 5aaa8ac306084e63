import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from unit.toys import config, linear_model

import vaepipe
from vaepipe.core.errors import InputError
from vaepipe.models import denoising
from vaepipe.models.denoising import denoise, objective
from vaepipe.models.kinds.vae import VAE
from vaepipe.models.saved import Model, build_likelihood, build_network

SETTINGS = {"level": 0.5, "steps": 30, "learning_rate": 0.05, "starts": 3, "seed": 0}


class Identity:
    """A likelihood whose mean is the decoder's output."""

    def mean(self, output: Tensor) -> Tensor:
        return output


def images(count: int, *shape: int) -> Tensor:
    return torch.rand(count, *shape, generator=torch.Generator().manual_seed(1))


def arrays(found) -> tuple[Tensor, ...]:
    return found.images, found.latents, found.curve, found.start


@pytest.fixture
def linear():
    """A linear decoder to images of 3 x 4 pixels."""
    torch.manual_seed(0)
    return Model(VAE(nn.Linear(12, 6), nn.Linear(3, 12), 3), Identity(), (3, 4))


@pytest.fixture
def vae():
    torch.manual_seed(0)
    return Model(build_network(config()).eval(), build_likelihood(config()), (4, 4))


def test_a_linear_decoder_gives_ridge_regression(linear):
    x, level = images(5, 3, 4), 0.5
    found = denoise(linear, x, level, 1000, 0.02, starts=3, seed=0)
    weight, bias = linear.network.decoder.weight.detach(), linear.network.decoder.bias.detach()
    inverse = torch.linalg.inv(weight.T @ weight + level**2 * torch.eye(3))
    z = (x.flatten(1) - bias) @ weight @ inverse
    assert torch.allclose(found.latents, z, atol=1e-3)
    assert torch.allclose(found.images.flatten(1), z @ weight.T + bias, atol=1e-3)


def test_the_objective_is_the_log_posterior_but_for_scale_and_constant(linear):
    x, z, level = images(2, 12), torch.randn(4, 2, 3), 0.3
    decoded = linear.network.decode(z)
    prior = torch.distributions.Normal(0.0, 1.0).log_prob(z).sum(-1)
    log_posterior = torch.distributions.Normal(decoded, level).log_prob(x).sum(-1) + prior
    rest = objective(linear, z, x, level) + 2 * level**2 * log_posterior
    assert torch.allclose(rest, rest[0, 0].expand(4, 2), atol=1e-4)


def test_the_curve_begins_at_the_posterior_mean_and_falls(linear):
    x = images(5, 3, 4)
    found = denoise(linear, x, 0.5, steps=100, learning_rate=1e-3, starts=1, seed=0)
    assert found.curve.shape == (101, 5) and found.curve.dtype == torch.float32
    ends = ((0, linear.encode(x)), (-1, found.latents))
    for place, latents in ends:
        z = latents.double().numpy()
        gaps = x.double().numpy() - linear.decode(latents).double().numpy()
        expected = (gaps**2).sum((1, 2)) + 0.25 * (z**2).sum(1)
        assert np.allclose(found.curve[place].numpy(), expected, rtol=1e-5)
    assert (found.curve.diff(dim=0) < 0).all()


def test_of_the_starts_the_lowest_in_the_end_is_kept(vae):
    """By Adam on each start of each image alone."""
    x, level, rate, steps = images(6, 16), 0.5, 0.05, 10
    found = denoise(vae, x, level, steps, rate, starts=4, seed=2)
    drawn = torch.randn(6, 3, 2, generator=torch.Generator().manual_seed(2))
    for image in range(6):
        curves, latents = [], []
        for first in (vae.encode(x)[image], *drawn[image]):
            z = first.clone().requires_grad_()
            adam, curve = torch.optim.Adam([z], lr=rate), []
            for _ in range(steps + 1):
                decoded = torch.sigmoid(vae.network.decoder(z))
                value = ((x[image] - decoded) ** 2).sum() + level**2 * (z**2).sum()
                curve.append(value.item())
                latents.append(z.detach().clone())
                adam.zero_grad()
                value.backward()
                adam.step()
            curves.append(curve)
        best = int(np.argmin([curve[-1] for curve in curves]))
        assert found.start[image] == best
        assert np.allclose(found.curve[:, image], curves[best], atol=1e-5)
        last = latents[(best + 1) * (steps + 1) - 1]
        assert torch.allclose(found.latents[image], last, atol=1e-5)
    assert found.start.unique().numel() > 1


class Wells(VAE):
    """Pixels (z^2, 0.5 + 0.1 z); the encoder always says -1."""

    def __init__(self):
        super().__init__(nn.Identity(), nn.Identity(), 1)
        self.weight = nn.Parameter(torch.tensor([1.0, 0.1]))

    def encode(self, pixels: Tensor) -> Tensor:
        return -torch.ones(len(pixels), 1)

    def decode(self, z: Tensor) -> Tensor:
        return torch.cat([z**2, 0.5 + z], -1) * self.weight + torch.tensor([0.0, 0.45])


def test_a_start_in_the_wrong_basin_is_beaten_by_another():
    model, x = Model(Wells(), Identity(), (2,)), torch.tensor([[1.0, 0.6], [1.0, 0.4]])
    alone = denoise(model, x, 0.1, 500, 0.02, starts=1, seed=0)
    assert (alone.latents < -0.9).all() and alone.start.tolist() == [0, 0]
    found = denoise(model, x, 0.1, 500, 0.02, starts=8, seed=0)
    assert found.latents[0] > 0.9 and found.latents[1] < -0.9
    assert found.start[0] > 0
    assert found.curve[-1, 0] < alone.curve[-1, 0] - 0.03
    assert torch.isclose(found.curve[-1, 1], alone.curve[-1, 1], atol=1e-5)


@pytest.mark.parametrize("pixels", [1, 2 * 3 * 16, 4 * 3 * 16])
def test_images_at_a_time_make_no_difference(vae, monkeypatch, pixels):
    x = images(7, 16)
    whole = denoise(vae, x, **SETTINGS)
    monkeypatch.setattr(denoising, "DECODED", pixels)
    parts = denoise(vae, x, **SETTINGS)
    assert all(
        torch.allclose(a, b, atol=1e-5) for a, b in zip(arrays(whole), arrays(parts), strict=True)
    )


def test_no_more_is_decoded_at_a_time_than_fits(vae, monkeypatch):
    monkeypatch.setattr(denoising, "DECODED", 2 * 3 * 16)
    sizes = []
    vae.network.decoder.register_forward_hook(lambda *given: sizes.append(given[2].numel()))
    denoise(vae, images(7, 16), **SETTINGS)
    assert max(sizes) == 2 * 3 * 16


def test_a_vae_denoises_in_its_shape(vae):
    found = denoise(vae, images(5, 4, 4), **SETTINGS)
    assert found.images.shape == (5, 4, 4) and found.latents.shape == (5, 2)
    assert found.curve.shape == (31, 5) and found.start.shape == (5,)
    assert found.images.min() >= 0 and found.images.max() <= 1
    assert torch.equal(found.images, vae.decode(found.latents))
    assert (found.curve[-1] < found.curve[0]).all()
    assert not any(array.requires_grad for array in arrays(found))
    with pytest.raises(FrozenInstanceError):
        found.start = None


def test_a_lower_level_trusts_the_pixels_more(vae):
    x = images(5, 16)
    low, high = (denoise(vae, x, **SETTINGS | {"level": level}) for level in (0.05, 3.0))
    gaps = [(found.images.flatten(1) - x).square().sum() for found in (low, high)]
    assert gaps[0] < gaps[1]
    assert low.latents.norm() > high.latents.norm()


def test_the_same_seed_gives_the_same_bytes(vae):
    first, again, other = (denoise(vae, images(5, 16), **SETTINGS | {"seed": s}) for s in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(arrays(first), arrays(again), strict=True))
    assert not torch.equal(first.curve, other.curve)


def test_the_generator_of_torch_is_left_alone(vae):
    before = torch.get_rng_state()
    denoise(vae, images(5, 16), **SETTINGS)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("rate", [0.05, 1e30])
def test_the_model_is_left_as_it_was(vae, rate):
    """Of modes and frozen weights too, and if it fails."""
    network = vae.network
    network.decoder.append(nn.Dropout(0.5))
    network.decoder.train()
    network.decoder[0].weight.requires_grad_(False)
    modes = [module.training for module in network.modules()]
    flags = [p.requires_grad for p in network.parameters()]
    weights = [p.detach().clone() for p in network.parameters()]
    assert len(set(modes)) == len(set(flags)) == 2
    x = images(5, 16)
    given = x.clone()
    if rate > 1:
        with pytest.raises(InputError):
            denoise(vae, x, **SETTINGS | {"learning_rate": rate})
    else:
        first, again = denoise(vae, x, **SETTINGS), denoise(vae, x, **SETTINGS)
        assert torch.equal(first.curve, again.curve)  # without dropout
    assert [module.training for module in network.modules()] == modes
    assert [p.requires_grad for p in network.parameters()] == flags
    assert all(p.grad is None for p in network.parameters())
    assert all(torch.equal(p, w) for p, w in zip(network.parameters(), weights, strict=True))
    assert torch.equal(x, given)


def test_it_runs_where_gradients_are_off(vae):
    expected = denoise(vae, images(5, 16), **SETTINGS)
    with torch.no_grad():
        found = denoise(vae, images(5, 16), **SETTINGS)
        assert not torch.is_grad_enabled()
    assert torch.equal(found.latents, expected.latents)


def test_images_may_come_in_any_form(vae):
    bytes_ = np.random.default_rng(0).integers(0, 256, (5, 4, 4), dtype=np.uint8)
    floats = bytes_.astype(np.float32) / np.float32(255)
    expected = denoise(vae, floats, **SETTINGS)
    for given in (bytes_, floats.reshape(5, 16), torch.tensor(bytes_), torch.tensor(floats)):
        assert torch.allclose(denoise(vae, given, **SETTINGS).latents, expected.latents, atol=1e-5)
    for wrong in (255 * floats, floats[:, :3], bytes_.astype(np.int64)):
        with pytest.raises(InputError, match="images"):
            denoise(vae, wrong, **SETTINGS)


def test_no_images_are_refused(vae):
    with pytest.raises(InputError, match="images must be at least one"):
        denoise(vae, images(0, 4, 4), **SETTINGS)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("level", 0.0, "level must be a number above 0, but this is 0.0"),
        ("level", -0.2, "level must be a number above 0, but this is -0.2"),
        ("level", math.nan, "level must be a number above 0, but this is nan"),
        ("level", math.inf, "level must be a number above 0, but this is inf"),
        ("learning_rate", 0, "learning_rate must be a number above 0, but this is 0"),
        ("steps", 0, "steps must be at least 1, but this is 0"),
        ("starts", 0, "starts must be at least 1, but this is 0"),
        ("learning_rate", 1e30, r"finite: lower the learning rate, which is 1e\+30"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused_in_one_line(vae, name, value, expected):
    with pytest.raises(InputError, match=expected) as caught:
        denoise(vae, images(5, 16), **SETTINGS | {name: value})
    assert "\n" not in str(caught.value)


def test_people_find_it_beside_load():
    model = linear_model(12, 2, (4, 3))
    found = vaepipe.denoise(model, images(2, 4, 3), 0.5, steps=5)
    expected = denoise(model, images(2, 4, 3), 0.5, 5, learning_rate=0.05, starts=4, seed=0)
    assert all(torch.equal(a, b) for a, b in zip(arrays(found), arrays(expected), strict=True))
    assert vaepipe.denoise(model, images(2, 4, 3), 0.5).curve.shape == (1001, 2)
