import copy

import pytest
import torch
from torch import nn
from unit.toys import config, splits

from vaepipe.learning.loop import build_objective
from vaepipe.models.optimiser import Adam
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
    assert Adam(model.parameters(), 0.5, EPSILON).penalty().item() == 0.5 * 4.0 * weights


def test_the_penalty_is_that_of_the_weights_as_they_move():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 1))
    optimiser = Adam(model.parameters(), L2, EPSILON)
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

    ours = Adam(first.parameters(), L2, EPSILON)
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
    optimiser = Adam(model.parameters(), 0.0, EPSILON)
    optimiser.set_rate(0.01)
    assert optimiser.penalty().item() == 0


def test_steps_are_those_of_torch_to_the_last_bit():
    torch.manual_seed(0)
    first = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(8, 1))
    second = copy.deepcopy(first)
    ours = Adam(first.parameters(), L2, EPSILON)
    groups = [
        {"params": [p for p in second.parameters() if p.ndim > 1], "weight_decay": 2 * L2},
        {"params": [p for p in second.parameters() if p.ndim == 1]},
    ]
    torchs = torch.optim.Adam(groups, eps=EPSILON, fused=True)
    for rate in (0.1, 0.1, 0.02):
        images = torch.rand(3, 1, 4, 4)
        ours.set_rate(rate)
        ours.step(first(images).square().mean())
        for group in torchs.param_groups:
            group["lr"] = rate
        torchs.zero_grad()
        second(images).square().mean().backward()
        torchs.step()
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_the_loss_does_not_reach_stays():
    model = nn.ModuleDict({"used": nn.Linear(2, 1), "unused": nn.Linear(2, 1)})
    before = copy.deepcopy(model.state_dict())
    optimiser = Adam(model.parameters(), L2, EPSILON)
    optimiser.set_rate(0.1)
    optimiser.step(model["used"](torch.ones(1, 2)).sum())
    assert not torch.equal(model["used"].weight, before["used.weight"])
    assert torch.equal(model["unused"].weight, before["unused.weight"])
