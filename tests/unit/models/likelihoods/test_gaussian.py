import pytest
import torch
from torch.distributions import Normal

from vaepipe.models.likelihoods import gaussian, learned_gaussian


def test_the_density_is_that_of_torch():
    torch.manual_seed(0)
    target, output = torch.rand(4, 7).double(), torch.randn(3, 4, 7).double()
    found = gaussian.Likelihood(0.3).log_density(target, output)
    expected = Normal(torch.sigmoid(output), 0.3).log_prob(target).sum(-1)
    assert torch.allclose(found, expected)
    assert torch.equal(gaussian.Likelihood(0.3).mean(output), torch.sigmoid(output))


def test_a_learned_variance_is_the_second_half_of_the_output():
    torch.manual_seed(0)
    target, means = torch.rand(4, 7).double(), torch.randn(3, 4, 7).double()
    log_variances = torch.linspace(-9, 4, 84).double().reshape(3, 4, 7)
    floor = learned_gaussian.FLOOR
    raw = floor + torch.log(torch.expm1(log_variances - floor))
    output = torch.cat([means, raw], -1)
    likelihood = learned_gaussian.Likelihood()
    expected = Normal(torch.sigmoid(means), torch.exp(0.5 * log_variances)).log_prob(target)
    assert torch.allclose(likelihood.log_density(target, output), expected.sum(-1))
    assert torch.allclose(likelihood.mean(output), torch.sigmoid(means))
    assert likelihood.outputs == 2


def test_no_pixel_is_told_more_exactly_than_8_bits_say():
    perfect = torch.tensor([[0.0, -1e4]])  # the mean is the target, the variance as small as can be
    found = learned_gaussian.Likelihood().log_density(torch.tensor([[0.5]]), perfect).item()
    assert found == pytest.approx(Normal(0.0, 1 / (255 * 12**0.5)).log_prob(torch.zeros(())).item())


def test_the_gradient_is_that_of_finite_differences():
    torch.manual_seed(0)
    target = torch.rand(2, 3).double()
    output = torch.randn(2, 6).double().requires_grad_()
    density = learned_gaussian.Likelihood().log_density
    assert torch.autograd.gradcheck(lambda values: density(target, values), output)
