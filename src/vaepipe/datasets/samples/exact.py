"""Arithmetic that gives the same bits on every processor, for what is rounded afterwards.

IEEE 754 rounds sums, products, quotients and roots in one way, but libraries choose the order of
the sums in a matrix product, and how an exponential is approximated, by the processor that they
find. Here all of it is sums and products of whole arrays in a stated order.
"""

import math

import numpy as np

GRID = 2.0**-32
"""To which draws are rounded whose last bit the C library's logarithm may decide."""

EXP = [1 / math.factorial(i) for i in range(28)]
SIN = [(-1) ** i / math.factorial(2 * i + 1) for i in range(16)]


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product of (m, k) and (k, n), summed from the first to the last."""
    total = np.zeros((len(a), b.shape[1]))
    for column, row in zip(a.T, b, strict=True):
        total += column[:, None] * row
    return total


def exp(x: np.ndarray | float) -> np.ndarray:
    """e^x for |x| < 3, within 10^-12 of it, by its power series."""
    return _series(EXP, np.asarray(x))


def sin(x: np.ndarray | float) -> np.ndarray:
    """The sine of x, within 10^-12, by its power series within half a turn."""
    x = x - 2 * np.pi * np.rint(x / (2 * np.pi))
    return x * _series(SIN, x * x)


def cos(x: np.ndarray | float) -> np.ndarray:
    return sin(x + np.pi / 2)


def normal(rng: np.random.Generator, shape: int | tuple[int, ...]) -> np.ndarray:
    """Draws from the standard normal distribution, of this shape, on a grid of 2^-32."""
    return np.rint(rng.standard_normal(shape) / GRID) * GRID


def _series(coefficients: list[float], x: np.ndarray) -> np.ndarray:
    total = np.full_like(x, coefficients[-1], dtype=float)
    for coefficient in coefficients[-2::-1]:
        total = total * x + coefficient
    return total
