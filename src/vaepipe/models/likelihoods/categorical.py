"""One class of several, from logits."""

from torch import Tensor
from torch.nn import functional


class Likelihood:
    """log softmax(output)[class]: minus the cross-entropy."""

    outputs = 1

    def log_density(self, target: Tensor, output: Tensor) -> Tensor:
        """log p(class | output) in nats, (n,), of indices (n,) and logits (n, classes)."""
        return -functional.cross_entropy(output, target, reduction="none")

    def mean(self, output: Tensor) -> Tensor:
        """The probability of each class, (n, classes)."""
        return output.softmax(-1)
