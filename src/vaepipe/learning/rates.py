"""Schedules of the learning rate: what it is multiplied by in an epoch, counted from 0."""

from collections.abc import Callable
from itertools import count


def constant(epoch: int) -> float:
    return 1.0


def burda_2016(epoch: int) -> float:
    """10^(-i/7) in 3^i epochs, i = 0, 1, 2, …: Burda, Grosse & Salakhutdinov 2016, section 5.

    Their training has eight such stages, 3280 epochs.
    """
    return next(10 ** (-stage / 7) for stage in count() if epoch < (3 ** (stage + 1) - 1) // 2)


SCHEDULES: dict[str, Callable[[int], float]] = {"constant": constant, "burda_2016": burda_2016}
