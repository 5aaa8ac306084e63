"""The optimiser of every training: Adam, and the L2 term in value and gradient."""

import torch
from torch import Tensor, nn


class Adam:
    """Adam (Kingma & Ba 2015) on a loss to which l2 * the sum of squared weights is added.

    The sum runs over weight matrices; biases are left out. Its gradient, 2 l2 w, is what torch
    calls weight decay of Adam (not of AdamW): that costs less than to send it through backward.
    """

    def __init__(self, model: nn.Module, l2: float, epsilon: float):
        self._weights = [p for p in model.parameters() if p.ndim > 1]
        self._l2 = l2
        biases = [p for p in model.parameters() if p.ndim <= 1]
        groups = [{"params": self._weights, "weight_decay": 2 * l2}, {"params": biases}]
        self.torch = torch.optim.Adam(groups, eps=epsilon, fused=True)

    @torch.no_grad()
    def penalty(self) -> Tensor:
        """The L2 term, (), without a gradient, which `step` adds by itself."""
        flat = [w.flatten() for w in self._weights]
        return self._l2 * torch.stack([w.dot(w) for w in flat]).sum()

    def gradient_norm(self) -> float:
        """The Euclidean norm of the last step's gradient of the loss, without the L2 term."""
        gradients = [p.grad for group in self.torch.param_groups for p in group["params"]]
        return torch.nn.utils.get_total_norm([g for g in gradients if g is not None]).item()

    def set_rate(self, learning_rate: float) -> None:
        for group in self.torch.param_groups:
            group["lr"] = learning_rate

    def step(self, loss: Tensor) -> None:
        """Move the weights against the gradient of a loss, that of the L2 term added."""
        self.torch.zero_grad()
        loss.backward()
        self.torch.step()
