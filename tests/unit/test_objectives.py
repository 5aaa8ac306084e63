import math

import pytest
import torch
from torch.distributions import Bernoulli as TorchBernoulli
from torch.distributions import Independent, Normal, kl_divergence

from vaepipe.bodies.mlp import build
from vaepipe.objectives import (
    KL,
    Bernoulli,
    Objective,
    Posterior,
    kl_per_latent,
    prior_log_density,
    squared_weights,
)
from vaepipe.vae import VAE


@pytest.fixture
def posterior():
    torch.manual_seed(0)
    return Posterior(torch.randn(5, 3, dtype=torch.double), torch.randn(5, 3, dtype=torch.double))


def small_model() -> VAE:
    torch.manual_seed(1)
    return VAE(*build(6, 2, [5, 4]), Bernoulli(), 2).double()


def test_bernoulli_is_the_log_probability_summed_over_pixels():
    torch.manual_seed(0)
    logits = torch.randn(4, 7, dtype=torch.double)
    binary = torch.randint(0, 2, (4, 7)).double()
    expected = TorchBernoulli(logits=logits).log_prob(binary).sum(-1)
    assert torch.allclose(Bernoulli().log_density(binary, logits), expected)


def test_bernoulli_on_grey_pixels_by_hand():
    logit = math.log(0.8 / 0.2)
    target, output = torch.tensor([[0.25, 1.0]]), torch.tensor([[logit, logit]])
    expected = 0.25 * math.log(0.8) + 0.75 * math.log(0.2) + math.log(0.8)
    assert Bernoulli().log_density(target, output).item() == pytest.approx(expected, rel=1e-6)


def test_bernoulli_stays_finite_at_extreme_logits():
    value = Bernoulli().log_density(torch.tensor([[0.0, 1.0]]), torch.tensor([[500.0, -500.0]]))
    assert value.item() == pytest.approx(-1000.0)


def test_kl_equals_torch_distributions(posterior):
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    expected = kl_divergence(q, Normal(0.0, 1.0))
    assert torch.allclose(kl_per_latent(posterior), expected)
    assert torch.allclose(KL()(posterior), expected.sum(-1))


def test_kl_equals_its_monte_carlo_estimate(posterior):
    draws = 200_000
    z = posterior.sample(torch.randn(draws, 5, 3, dtype=torch.double))
    ratio = posterior.log_density(z) - prior_log_density(z)
    error = 4 * ratio.std(0) / math.sqrt(draws)
    assert ((ratio.mean(0) - KL()(posterior)).abs() < error).all()


def test_log_densities_equal_torch_distributions(posterior):
    z = torch.randn(2, 5, 3, dtype=torch.double)
    q = Independent(Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance)), 1)
    p = Independent(Normal(torch.zeros(3).double(), torch.ones(3).double()), 1)
    assert torch.allclose(posterior.log_density(z), q.log_prob(z))
    assert torch.allclose(prior_log_density(z), p.log_prob(z))


def test_sampling_lets_gradients_through_as_finite_differences_have_it(posterior):
    noise = torch.randn(5, 3, dtype=torch.double)
    mean, log_variance = (part.clone().requires_grad_() for part in posterior)
    assert torch.autograd.gradcheck(
        lambda m, v: Posterior(m, v).sample(noise).sin(), (mean, log_variance)
    )


def test_loss_gradient_equals_finite_differences():
    model = small_model()
    objective = Objective(Bernoulli(), KL(), l2=0.0)
    noisy, clean = torch.rand(3, 6).double(), torch.rand(3, 6).double()
    noise = torch.randn(3, 2).double()

    def loss() -> torch.Tensor:
        output, posterior = model(noisy, noise)
        terms = objective.terms(model, clean, output, posterior)
        return terms.reconstruction.mean() + terms.kl.mean()

    loss().backward()
    for parameter in model.parameters():
        flat, step = parameter.data.view(-1), 1e-6
        for index in range(0, len(flat), 7):
            before = flat[index].item()
            flat[index] = before + step
            above = loss().item()
            flat[index] = before - step
            below = loss().item()
            flat[index] = before
            expected = (above - below) / (2 * step)
            assert parameter.grad.view(-1)[index].item() == pytest.approx(expected, abs=1e-6)


def test_squared_weights_leaves_biases_out():
    model = small_model()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(2.0 if parameter.ndim > 1 else 100.0)
    weights = sum(p.numel() for p in model.parameters() if p.ndim > 1)
    assert squared_weights(model).item() == 4.0 * weights


def test_body_has_the_layers_of_the_reference():
    encoder, decoder = build(784, 20, [392, 196, 100])
    shapes = [tuple(p.shape) for p in encoder.parameters() if p.ndim > 1]
    assert shapes == [(392, 784), (196, 392), (100, 196), (40, 100)]
    shapes = [tuple(p.shape) for p in decoder.parameters() if p.ndim > 1]
    assert shapes == [(100, 20), (196, 100), (392, 196), (784, 392)]
    assert [type(layer).__name__ for layer in encoder] == ["Linear", "ReLU"] * 3 + ["Linear"]
