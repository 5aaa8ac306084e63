"""Weights that change in the course of a training."""


def linear(step: int, steps: int) -> float:
    """From 0 to 1 over a number of steps, then 1; always 1 if there are no steps."""
    return min(1.0, step / steps) if steps else 1.0
