"""Weights that change in the course of a training."""

from torch import Tensor


def linear(step: int | Tensor, steps: int) -> float | Tensor:
    """From 0 to 1 over a number of steps, then 1; always 1 if there are no steps."""
    if not steps:
        return 1.0
    share = step / steps
    return share.clamp(max=1.0) if isinstance(share, Tensor) else min(1.0, share)
