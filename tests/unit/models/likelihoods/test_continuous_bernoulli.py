import pytest
import torch
from torch.distributions import ContinuousBernoulli

from vaepipe.models.likelihoods.continuous_bernoulli import NEAR, Likelihood, log_normaliser

LOGITS = torch.tensor(
    [-12.0, -3.0, -0.4, -NEAR, -0.9 * NEAR, -1e-4, 1e-4, 0.9 * NEAR, NEAR, 0.4, 3.0, 12.0],
    dtype=torch.float64,
)


def test_the_density_integrates_to_one_and_has_its_mean():
    grid = torch.linspace(0, 1, 20_001, dtype=torch.float64)
    logits = torch.cat([LOGITS, torch.zeros(1, dtype=torch.float64)])[:, None, None]
    outputs = logits.expand(-1, len(grid), -1)
    density = Likelihood().log_density(grid[:, None], outputs).exp()
    assert torch.allclose(torch.trapezoid(density, grid), torch.ones(13, dtype=torch.float64))
    mean = torch.trapezoid(density * grid, grid)
    assert torch.allclose(mean, Likelihood().mean(logits).flatten(), atol=1e-6)


def test_it_is_that_of_torch():
    target = torch.rand(12, dtype=torch.float64)
    expected = ContinuousBernoulli(logits=LOGITS)
    found = Likelihood().log_density(target[:, None], LOGITS[:, None])
    assert torch.allclose(found, expected.log_prob(target), atol=1e-9)
    assert torch.allclose(Likelihood().mean(LOGITS), expected.mean, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_value_and_gradient_are_finite_wherever_logits_go(dtype):
    logits = torch.tensor([-1e4, -90.0, 0.0, 1e-30, 90.0, 1e4], dtype=dtype, requires_grad=True)
    (log_normaliser(logits) + Likelihood().mean(logits)).sum().backward()
    assert logits.grad.isfinite().all()
    assert log_normaliser(logits).isfinite().all()
    assert ((Likelihood().mean(logits) >= 0) & (Likelihood().mean(logits) <= 1)).all()


def test_the_gradient_is_that_of_finite_differences():
    logits = LOGITS.clone().requires_grad_()
    target = torch.rand(12, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda rows: Likelihood().log_density(target[:, None], rows[:, None]), logits
    )
