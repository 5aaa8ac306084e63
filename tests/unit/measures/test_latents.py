import numpy as np
import pytest
import torch
from unit.toys import linear_model, subject

from vaepipe.measures import latents
from vaepipe.measures.latents import active_units, informative_latents, prior_discrepancy
from vaepipe.measures.subject import Subject
from vaepipe.models.batch import Batch


def test_active_units_counts_means_that_vary():
    codes = torch.tensor([[0.0, 1.0, 0.0], [1.0, 1.0, 0.1], [2.0, 1.0, 0.0]])
    assert active_units(codes, 0.01) == 1
    assert active_units(codes, 0.001) == 2


def test_informative_latents_have_a_kl_above_the_threshold():
    assert informative_latents(torch.tensor([2.0, 0.1, 0.11, 0.0]), 0.1) == 2


def of_latents(mean: float, deviation: float, seed: int, images: int = 500) -> Subject:
    """A subject whose posterior is the same normal law for each image and each of 3 latents."""
    model = linear_model(16, 3, (4, 4))
    encoder = model.network.encoder
    encoder.weight.data.zero_()
    log_variance = 2 * torch.log(torch.tensor(deviation))
    encoder.bias.data = torch.tensor([mean] * 3 + [log_variance] * 3)
    pixels = torch.rand(images, 16)
    batch = Batch(pixels, pixels, torch.arange(images) % 3)
    return subject(model, batch, batch, {"seed": seed, "samples": 10})


def test_a_posterior_that_is_the_prior_is_no_distance_from_it_within_the_error():
    found = [prior_discrepancy(of_latents(0.0, 1.0, seed, images=60)) for seed in range(60)]
    error = np.std(found, ddof=1) / len(found) ** 0.5
    assert abs(np.mean(found)) < 3 * error
    assert min(found) < 0 < max(found)
    assert prior_discrepancy(of_latents(0.5, 1.0, 0, images=60)) > 20 * error


def test_the_distance_from_the_prior_grows_with_the_shift_and_with_the_spread():
    shifted = [prior_discrepancy(of_latents(mean, 1.0, 0)) for mean in (0.0, 0.5, 1.0, 2.0)]
    assert shifted == sorted(shifted) and shifted[1] - shifted[0] > 0.01
    narrow = [prior_discrepancy(of_latents(0.0, spread, 0)) for spread in (1.0, 0.5, 0.1)]
    assert narrow == sorted(narrow) and narrow[1] - narrow[0] > 0.01


@torch.no_grad()
def test_it_is_that_of_draws_of_the_posterior_one_an_image_and_of_the_prior(monkeypatch):
    found = []
    monkeypatch.setattr(latents, "discrepancy", lambda *of: found.append(of) or torch.zeros(()))
    monkeypatch.setattr(latents, "MOST", 400)
    prior_discrepancy(of_latents(3.0, 0.5, 0))
    z, prior = found[0]
    assert z.shape == prior.shape == (400, 3)  # of the 500 images
    assert z.mean().item() == pytest.approx(3, abs=0.06)
    assert z.std().item() == pytest.approx(0.5, abs=0.05)
    assert prior.mean().item() == pytest.approx(0, abs=0.12)
    assert prior.std().item() == pytest.approx(1, abs=0.1)
    assert abs(np.corrcoef(z.flatten(), prior.flatten())[0, 1]) < 0.12  # drawn by themselves
    prior_discrepancy(of_latents(3.0, 0.5, 0))
    prior_discrepancy(of_latents(3.0, 0.5, 1))
    assert torch.equal(found[1][0], z) and not torch.equal(found[2][0], z)
