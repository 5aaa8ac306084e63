import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from torch import nn
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.measures.samples import sharpness
from vaepipe.models.kinds.autoencoder import Autoencoder
from vaepipe.models.saved import Model
from vaepipe.studies.faces.neighbourhood import (
    Latents,
    around,
    between,
    encoded,
    fitted_draws,
    law_of,
    neighbourhood,
)

SHAPE = (4, 5, 3)
PIXELS = 60
SETTINGS = {
    "images": 6,
    "seed": 3,
    "multiples": [0, 0.5, 4],
    "samples": 7,
    "steps": 5,
    "pictures": 2,
}
MULTIPLES, STEPS = 3, 5


def images(count: int, seed: int) -> torch.Tensor:
    return torch.rand(count, PIXELS, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def splits():
    return images(30, 0), images(9, 1)


@pytest.fixture
def vae():
    return linear_model(PIXELS, 3, SHAPE)


@pytest.fixture
def autoencoder(vae):
    encoder = nn.Sequential(nn.Linear(PIXELS, 3), nn.ReLU())
    nn.init.constant_(encoder[0].bias, 0.5)
    return Model(Autoencoder(encoder, vae.network.decoder, 3), vae.likelihood, SHAPE)


def test_latents_are_those_of_the_posterior_or_points(vae, autoencoder, splits):
    found = encoded(vae, splits[0])
    posterior = vae.network.posterior(splits[0])
    assert torch.equal(found.mean, posterior.mean)
    assert torch.allclose(found.deviation**2, posterior.log_variance.exp())
    points = encoded(autoencoder, splits[0])
    assert torch.equal(points.mean, autoencoder.encode(splits[0]))
    assert not points.deviation.any()


def posteriors() -> Latents:
    generator = torch.Generator().manual_seed(0)
    mean = torch.randn(8, 3, generator=generator) @ torch.tensor(
        [[1.0, 0.8, 0.0], [0.0, 0.5, 0.0], [0.0, 0.3, 2.0]]
    )
    return Latents(mean + 1, 0.2 + torch.rand(8, 3, generator=generator))


def test_the_law_has_mean_and_covariance_of_the_aggregate_posterior():
    """Against draws of it: an image, then its posterior; divided by n - 1 = 7 of 8 means."""
    latents = posteriors()
    law = law_of(latents)
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(200_000, 8, 3, generator=generator)
    drawn = (latents.mean + latents.deviation * noise).flatten(0, 1)
    expected = torch.cov(drawn.T) + torch.cov(latents.mean.T) / 8
    assert torch.allclose(law.root @ law.root.T, expected, atol=0.01)
    assert torch.allclose(law.deviation, expected.diag().sqrt(), atol=0.01)
    assert torch.allclose(law.mean, drawn.mean(0), atol=0.01)
    assert torch.isneginf(law.lowest).all()


def test_draws_of_the_law_have_its_mean_and_covariance():
    law = law_of(posteriors())
    drawn = fitted_draws(law, 200_000, 0)
    assert torch.allclose(drawn.mean(0), law.mean, atol=0.02)
    assert torch.allclose(torch.cov(drawn.T), law.root @ law.root.T, atol=0.05)


def test_points_for_posteriors_have_the_covariance_of_points_and_none_lies_below_them():
    points = posteriors().mean.relu()
    law = law_of(Latents(points, torch.zeros_like(points)))
    assert torch.allclose(law.root @ law.root.T, torch.cov(points.T), atol=1e-5)
    assert torch.equal(law.lowest, points.min(0).values)
    drawn = fitted_draws(law, 1000, 0)
    assert (drawn >= law.lowest).all() and (drawn == law.lowest).any()


def test_a_latent_without_spread_stays_where_it_is():
    points = torch.tensor([[0.0, 2.0], [1.0, 2.0], [4.0, 2.0]])
    law = law_of(Latents(points, torch.zeros_like(points)))
    assert torch.allclose(fitted_draws(law, 50, 0)[:, 1], torch.tensor(2.0), atol=1e-5)
    assert law.deviation.tolist() == pytest.approx([np.std([0, 1, 4], ddof=1), 0])


@pytest.mark.parametrize("deviation", [torch.tensor([1.0, 3.0]), torch.rand(5000, 2) + 0.5])
def test_noise_is_the_same_in_all_multiples_and_as_wide_as_asked(deviation):
    z = torch.arange(10_000.0).reshape(5000, 2)
    found = around(z, deviation, [0, 0.5, 2], 0)
    assert torch.equal(found[0], z)
    assert torch.allclose(found[2] - z, 4 * (found[1] - z), atol=0.01)
    standard = (found[2] - z) / (2 * deviation)
    assert standard.std(0).tolist() == pytest.approx([1, 1], abs=0.04)
    assert standard.mean(0).tolist() == pytest.approx([0, 0], abs=0.06)
    assert abs(np.corrcoef(standard.T.numpy())[0, 1]) < 0.06


def test_lines_lead_from_each_second_point_to_the_next():
    points = torch.tensor([[0.0, 1.0], [4.0, 3.0], [5.0, 5.0], [5.0, 1.0], [9.0, 9.0]])
    found = between(points, 5)
    assert found.shape == (5, 2, 2)
    assert found[:, 0].tolist() == [[0, 1], [1, 1.5], [2, 2], [3, 2.5], [4, 3]]
    assert found[:, 1].tolist() == [[5, 5], [5, 4], [5, 3], [5, 2], [5, 1]]


def brute(of, train, test) -> dict[str, float]:
    def near(some):
        return cdist(some, train).min(1).mean() / PIXELS**0.5

    return {
        "nearest": near(of),
        "relative": near(of) / near(test),
        "sharpness": sharpness(of, SHAPE) / sharpness(test, SHAPE),
    }


def test_a_vae_by_brute_force(vae, splits):
    train, test = splits
    arrays, facts = neighbourhood(vae, train, test, SETTINGS)
    some = test[:6]
    own, law = encoded(vae, some), law_of(encoded(vae, train))

    def decode(z):
        return vae.decode(z).detach().flatten(1)

    decoded = decode(own.mean)
    expected = {
        "data": some,
        "mean_image": train.mean(0)[None],
        "decoded": decoded,
        "prior": vae.sample(7, 3).flatten(1),
        "fitted": decode(fitted_draws(law, 7, 3)),
    }
    for name, wanted in expected.items():
        assert facts[name] == pytest.approx(brute(wanted, train, some), rel=1e-4)
    assert facts["data"]["relative"] == facts["data"]["sharpness"] == 1
    for name, deviation in (("aggregate", law.deviation), ("posterior", own.deviation)):
        latents = around(own.mean, deviation, [0, 0.5, 4], 3)
        for z, found in zip(latents, facts[name], strict=True):
            moved = ((decode(z) - decoded) ** 2).mean(1).sqrt().mean().item()
            wanted = brute(decode(z), train, some) | {"moved": moved}
            assert found == pytest.approx(wanted, rel=1e-4, abs=1e-6)
        assert facts[name][0]["moved"] == pytest.approx(0, abs=1e-6)
        assert facts[name][0]["moved"] < facts[name][1]["moved"] < facts[name][2]["moved"]
    lines = zip(between(own.mean, 5), facts["between"], facts["crossfade"], strict=True)
    for share, (z, found, mixed) in zip(np.linspace(0, 1, 5), lines, strict=True):
        assert found == pytest.approx(brute(decode(z), train, some), rel=1e-4)
        mixture = (1 - share) * some[::2] + share * some[1::2]
        assert mixed == pytest.approx(brute(mixture, train, some), rel=1e-4)
    for name, array in arrays.items():
        assert array.dtype == np.uint8 and array.shape[-2:] == (1 + (name != "mean_image"), PIXELS)
    assert {name: array.shape[0] for name, array in arrays.items() if array.ndim > 2} == {
        "aggregate": MULTIPLES,
        "posterior": MULTIPLES,
        "between": STEPS,
        "crossfade": STEPS,
    }
    assert (arrays["decoded"] == (255 * decoded[:2]).round().byte().numpy()).all()


def test_an_autoencoder_has_no_posterior_and_no_latent_below_its_lowest(
    autoencoder, splits, monkeypatch
):
    seen = []
    decode = autoencoder.decode_pixels
    monkeypatch.setattr(autoencoder, "decode_pixels", lambda z: seen.append(z) or decode(z))
    arrays, facts = neighbourhood(autoencoder, *splits, SETTINGS)
    assert facts["posterior"] is None and "posterior" not in arrays
    noisy = next(z for z in seen if z.ndim == 3)
    own = autoencoder.encode(splits[1][:6])
    lowest = autoencoder.encode(splits[0]).min(0).values
    assert (own < lowest).any()  # so that its own latent bounds the noise of such an image
    assert (noisy >= lowest.minimum(own)).all() and (noisy[2] == lowest).any()
    assert torch.equal(noisy[0], own)
    assert facts["aggregate"][0]["moved"] == pytest.approx(0, abs=1e-6)


def test_images_of_the_training_split_are_as_near_as_rounding(vae):
    """Zero distances, which those by products are not."""
    train = torch.eye(PIXELS)[:20]
    _, facts = neighbourhood(vae, train, train, SETTINGS)
    assert facts["data"]["nearest"] == 0
    rounding = np.sqrt(1 / 12) / 255
    found = facts["decoded"]
    assert found["relative"] == pytest.approx(found["nearest"] / rounding)


@pytest.mark.parametrize("count", [1, 10])
def test_more_images_than_there_are_or_no_pair_are_refused(vae, splits, count):
    with pytest.raises(InputError, match="from 2 to the 9"):
        neighbourhood(vae, *splits, SETTINGS | {"images": count})
