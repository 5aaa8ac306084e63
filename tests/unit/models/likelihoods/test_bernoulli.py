import math

import pytest
import torch
from torch.distributions import Bernoulli

from vaepipe.models.likelihoods.bernoulli import Likelihood


def test_bernoulli_is_the_log_probability_summed_over_pixels():
    torch.manual_seed(0)
    logits = torch.randn(4, 7, dtype=torch.double)
    binary = torch.randint(0, 2, (4, 7)).double()
    expected = Bernoulli(logits=logits).log_prob(binary).sum(-1)
    assert torch.allclose(Likelihood().log_density(binary, logits), expected)


def test_bernoulli_on_grey_pixels_by_hand():
    logit = math.log(0.8 / 0.2)
    target, output = torch.tensor([[0.25, 1.0]]), torch.tensor([[logit, logit]])
    expected = 0.25 * math.log(0.8) + 0.75 * math.log(0.2) + math.log(0.8)
    assert Likelihood().log_density(target, output).item() == pytest.approx(expected, rel=1e-6)


def test_bernoulli_stays_finite_at_extreme_logits():
    value = Likelihood().log_density(torch.tensor([[0.0, 1.0]]), torch.tensor([[500.0, -500.0]]))
    assert value.item() == pytest.approx(-1000.0)


def test_the_mean_is_the_probability_of_ink():
    logits = torch.tensor([[0.0, math.log(3), -500.0]])
    assert Likelihood().mean(logits).tolist() == [[0.5, pytest.approx(0.75), 0.0]]


def test_many_outputs_for_one_image_have_one_density_each():
    torch.manual_seed(0)
    target, outputs = torch.rand(4, 7), torch.randn(3, 4, 7)
    expected = [Likelihood().log_density(target, output) for output in outputs]
    assert torch.allclose(Likelihood().log_density(target, outputs), torch.stack(expected))
