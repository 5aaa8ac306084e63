import pytest
import torch

from vaepipe.models.likelihoods.discretised_logistic import BIN, Likelihood

VALUES = torch.arange(256).double()[:, None] / 255
OUTPUTS = torch.tensor(
    [[-9.0, -9.0], [-2.0, -3.0], [0.0, 0.0], [0.3, -5.0], [3.0, 4.0], [30.0, -7.0]]
).double()


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_mass_of_the_256_values_is_one(output):
    mass = Likelihood().log_density(VALUES, output.expand(256, 2)).exp()
    assert mass.sum().item() == pytest.approx(1, abs=1e-9)


def test_the_mass_of_a_value_is_the_difference_of_two_logistic_functions():
    output = torch.tensor([[0.4, -2.5]]).double()
    mean, scale = torch.sigmoid(output[0, 0]), torch.exp(output[0, 1])
    upper = torch.sigmoid((VALUES[:, 0] + BIN / 2 - mean) / scale)
    lower = torch.sigmoid((VALUES[:, 0] - BIN / 2 - mean) / scale)
    upper[-1], lower[0] = 1, 0
    found = Likelihood().log_density(VALUES, output.expand(256, 2))
    assert torch.allclose(found, torch.log(upper - lower))


def test_pixels_are_summed_and_leading_dimensions_stay():
    torch.manual_seed(0)
    target, output = (255 * torch.rand(4, 5)).round() / 255, torch.randn(3, 4, 10)
    found = Likelihood().log_density(target, output)
    assert found.shape == (3, 4)
    pairs = zip(target[2], output[1, 2, :5], output[1, 2, 5:], strict=True)
    each = [Likelihood().log_density(x[None], torch.stack([m, s])) for x, m, s in pairs]
    assert found[1, 2].item() == pytest.approx(sum(each).item(), rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_value_and_gradient_are_finite_wherever_outputs_go(dtype):
    corners = torch.tensor([-1e3, -20.0, 0.0, 20.0, 80.0], dtype=dtype)
    output = torch.cartesian_prod(corners, corners).requires_grad_()
    for value in (0.0, 1 / 255, 0.5, 1.0):
        target = torch.tensor([[value]], dtype=dtype)
        found = Likelihood().log_density(target, output)
        assert found.isfinite().all()
        (gradient,) = torch.autograd.grad(found.sum(), output)
        assert gradient.isfinite().all()


def test_the_gradient_is_that_of_finite_differences():
    target = VALUES[[0, 3, 128, 255]]
    output = torch.randn(4, 2, generator=torch.Generator().manual_seed(0)).double()
    density = Likelihood().log_density
    assert torch.autograd.gradcheck(lambda o: density(target, o), output.requires_grad_())
