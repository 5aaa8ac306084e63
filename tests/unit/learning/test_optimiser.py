import pytest
import torch
from torch import nn
from unit.toys import config, splits

from vaepipe.learning.loop import build_objective
from vaepipe.learning.optimiser import Adam
from vaepipe.models.saved import build_network

L2 = 0.05
EPSILON = 1e-4


def squared_weights(model: nn.Module) -> torch.Tensor:
    return sum((w**2).sum() for w in model.parameters() if w.ndim > 1)


def test_the_penalty_is_that_of_weights_and_leaves_biases_out():
    model = build_network(config())
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(2.0 if parameter.ndim > 1 else 100.0)
    weights = sum(p.numel() for p in model.parameters() if p.ndim > 1)
    assert Adam(model, 0.5, EPSILON).penalty().item() == 0.5 * 4.0 * weights


def test_the_penalty_is_that_of_the_weights_as_they_move():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 1))
    optimiser = Adam(model, L2, EPSILON)
    optimiser.set_rate(0.1)
    for _ in range(2):
        penalty = optimiser.penalty()
        assert penalty.shape == () and not penalty.requires_grad
        assert penalty.item() == pytest.approx(L2 * squared_weights(model).item(), rel=1e-5)
        optimiser.step(model(torch.ones(1, 1, 4, 4)).sum())


def test_l2_gradient_of_the_optimiser_is_that_of_the_l2_term():
    torch.manual_seed(0)
    first, second = build_network(config()), build_network(config())
    second.load_state_dict(first.state_dict())
    objective, batch = build_objective(config(warmup_epochs=0)), splits()[1]

    def loss(model):
        terms = objective.terms(model, batch, torch.Generator().manual_seed(1))
        return objective.loss(torch.stack([term.mean() for term in terms]), 0, 1)

    ours = Adam(first, L2, EPSILON)
    ours.set_rate(0.01)
    plain = torch.optim.Adam(second.parameters(), 0.01, eps=EPSILON)
    for _ in range(3):
        ours.step(loss(first))
        plain.zero_grad()
        (loss(second) + L2 * squared_weights(second)).backward()
        plain.step()
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_without_weights_of_two_dimensions_only_the_loss_counts():
    model = build_network(config())
    optimiser = Adam(model, 0.0, EPSILON)
    optimiser.set_rate(0.01)
    assert optimiser.penalty().item() == 0
