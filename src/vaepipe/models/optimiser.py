"""Adam, for whatever is searched for by gradients, and the L2 term in value and gradient."""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim.adam import adam

from vaepipe.machine.capture import captures

EPSILON = 1e-8
"""Of Kingma & Ba, algorithm 1."""
STATE = ("exp_avg", "exp_avg_sq", "step")
"""What is kept of each parameter: both moments, as large as it, and the steps, a number."""


class Adam:
    """Adam (Kingma & Ba 2015) on a loss to which l2 * the sum of squared weights is added.

    The sum runs over weight matrices; biases are left out. Its gradient, 2 l2 w, is what torch
    calls weight decay of Adam (not of AdamW): that costs less than to send it through backward.

    torch's function in place of its class, whose constructor imports the compiler: a second and a
    half of each training, and a twentieth of a step of a small network.
    """

    def __init__(self, parameters: Iterable[Tensor], l2: float = 0.0, epsilon: float = EPSILON):
        parameters = list(parameters)
        self._weights = [p for p in parameters if p.ndim > 1]
        self._biases = [p for p in parameters if p.ndim <= 1]
        self._l2, self._epsilon = l2, epsilon
        parameters = [*self._weights, *self._biases]
        device = parameters[0].device
        self._rate = torch.zeros((), device=device) if captures(device) else 0.0
        self._state = {
            "exp_avg": [torch.zeros_like(p) for p in parameters],
            "exp_avg_sq": [torch.zeros_like(p) for p in parameters],
            "step": [torch.zeros((), device=p.device) for p in parameters],
        }

    @torch.no_grad()
    def penalty(self) -> Tensor:
        """The L2 term, (), without a gradient, which `step` adds by itself."""
        flat = [w.flatten() for w in self._weights]
        return self._l2 * torch.stack([w.dot(w) for w in flat]).sum()

    def gradient_norm(self) -> float:
        """The Euclidean norm of the last step's gradient of the loss, without the L2 term."""
        gradients = [p.grad for p in (*self._weights, *self._biases)]
        return torch.nn.utils.get_total_norm([g for g in gradients if g is not None]).item()

    def set_rate(self, learning_rate: float) -> None:
        if isinstance(self._rate, Tensor):
            self._rate.fill_(learning_rate)  # in its place, where a captured step reads it
        else:
            self._rate = learning_rate

    def step(self, loss: Tensor) -> None:
        """Move the weights against the gradient of a loss, that of the L2 term added."""
        for parameter in (*self._weights, *self._biases):
            parameter.grad = None
        loss.backward()
        self.move()

    def move(self) -> None:
        """Move the weights against the gradients that they have, that of the L2 term added."""
        self._move(self._weights, 0, 2 * self._l2)
        self._move(self._biases, len(self._weights), 0.0)

    @torch.no_grad()
    def _move(self, parameters: list[Tensor], first: int, decay: float) -> None:
        """One step of parameters, whose state begins at a place; those without gradient stay."""
        moved = [i for i, p in enumerate(parameters) if p.grad is not None]
        first_moments, second_moments, steps = (
            [self._state[name][first + i] for i in moved] for name in STATE
        )
        adam(
            [parameters[i] for i in moved],
            [parameters[i].grad for i in moved],
            first_moments,
            second_moments,
            [],
            steps,
            fused=True,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=self._rate,
            weight_decay=decay,
            eps=self._epsilon,
            maximize=False,
        )

    def state(self) -> dict[str, Tensor]:
        """All that it remembers, by name."""
        return {f"{i}/{name}": t for name in STATE for i, t in enumerate(self._state[name])}
