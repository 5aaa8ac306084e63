import pytest
import torch

from vaepipe.models.discrepancy import discrepancy, kernel

SCALES = (0.25, 0.5, 1.0, 2.0, 4.0)


def draws(seed: int, *size: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(size, generator=generator, dtype=torch.double)


def test_the_kernel_by_hand():
    a, b = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    expected = sum(torch.exp(torch.tensor(-25 / (2 * s * 2))) for s in SCALES) / len(SCALES)
    assert kernel(a, b)[0].tolist() == pytest.approx([expected.item(), 1.0])


def test_the_estimate_by_loops():
    a, b = draws(0, 4, 3), draws(1, 5, 3)

    def mean(pairs):
        values = [kernel(x[None], y[None]).item() for x, y in pairs]
        return sum(values) / len(values)

    within_a = mean([(a[i], a[j]) for i in range(4) for j in range(4) if i != j])
    within_b = mean([(b[i], b[j]) for i in range(5) for j in range(5) if i != j])
    between = mean([(x, y) for x in a for y in b])
    assert discrepancy(a, b).item() == pytest.approx(within_a + within_b - 2 * between)


def test_it_is_zero_within_its_error_for_one_distribution():
    pairs = [(draws(2 * i, 50, 4), draws(2 * i + 1, 50, 4)) for i in range(400)]
    found = torch.stack([discrepancy(*pair) for pair in pairs])
    assert abs(found.mean() / (found.std() / 20)) < 3
    assert (found < 0).any()  # unbiased, so that it is on both sides


def test_it_grows_with_the_distance():
    a, b = draws(0, 400, 2), draws(1, 400, 2)
    found = [discrepancy(a + shift, b).item() for shift in (0.0, 0.3, 0.6, 1.0, 2.0)]
    assert found == sorted(found) and found[1] > 0.005


def test_it_is_the_closed_form_of_two_normal_distributions():
    """E k(x, y) for x - y ~ N(m, v I) and a Gaussian of squared width w, in d dimensions.

    (w / (w + v))^(d / 2) exp(-|m|^2 / (2 (w + v))): a convolution of normal densities.
    """
    d, shift = 2, torch.tensor([1.0, 0.5], dtype=torch.double)

    def expected(mean: torch.Tensor, variance: float) -> torch.Tensor:
        widths = d * torch.tensor(SCALES, dtype=torch.double)
        spread = (widths / (widths + variance)) ** (d / 2)
        return (spread * torch.exp(-mean.square().sum() / (2 * (widths + variance)))).mean()

    nothing = torch.zeros(2, dtype=torch.double)
    a, b = 2 * draws(0, 4000, d) + shift, draws(1, 4000, d)
    closed = expected(nothing, 8) + expected(nothing, 2) - 2 * expected(shift, 5)
    assert discrepancy(a, b).item() == pytest.approx(closed.item(), abs=0.005)


def test_a_single_image_has_a_finite_value_and_gradient():
    z = torch.ones(1, 3, requires_grad=True)
    discrepancy(z, torch.zeros(1, 3)).backward()
    assert z.grad.isfinite().all()
