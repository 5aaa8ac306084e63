"""Schedules: the learning rate in an epoch, counted from 0, as the section `training` states it."""

from collections.abc import Callable, Mapping
from itertools import count
from typing import Any


def constant(epoch: int, settings: Mapping[str, Any]) -> float:
    return settings["learning_rate"]


def burda_2016(epoch: int, settings: Mapping[str, Any]) -> float:
    """Times 10^(-i/7) in 3^i epochs, i = 0, 1, 2, …: Burda, Grosse & Salakhutdinov 2016, section 5.

    Their training has eight such stages, 3280 epochs.
    """
    stage = next(stage for stage in count() if epoch < (3 ** (stage + 1) - 1) // 2)
    return settings["learning_rate"] * 10 ** (-stage / 7)


def exponential(epoch: int, settings: Mapping[str, Any]) -> float:
    """By one factor from epoch to epoch: `learning_rate` in the first, `last_learning_rate` last.

    There are two epochs at the least.
    """
    part = epoch / (settings["epochs"] - 1)
    return settings["learning_rate"] ** (1 - part) * settings["last_learning_rate"] ** part


SCHEDULES: dict[str, Callable[[int, Mapping[str, Any]], float]] = {
    "constant": constant,
    "burda_2016": burda_2016,
    "exponential": exponential,
}
