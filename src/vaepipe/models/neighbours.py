"""Nearest neighbours among images, latents and features: all distances, then the smallest."""

import torch
from torch import Tensor
from torch.nn import functional

ROWS = 128
"""Points at a time: their distances from all others stay near the processor."""


def neighbours(points: Tensor, others: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The nearest of others (m, d) to each of points (n, d): Euclidean distances and rows.

    Both (n, count), the nearest first; in double precision.
    """
    points, others = points.double(), others.double()
    rows = nearest_rows(points, others, count)
    distances = torch.linalg.vector_norm(points[:, None] - others[rows], dim=-1)
    distances, order = distances.sort(stable=True)
    return distances, rows.gather(1, order)


def vote(points: Tensor, others: Tensor, labels: Tensor, count: int) -> Tensor:
    """The class of most of the nearest of others (m, d), whose labels are (m,): (n,).

    The k-NN classifier (Cover & Hart 1967); of classes with as many votes the first.
    """
    rows = nearest_rows(points.double(), others.double(), count)
    return functional.one_hot(labels[rows]).sum(1).argmax(1)


def nearest_rows(points: Tensor, others: Tensor, count: int) -> Tensor:
    """Rows (n, count) of the nearest of others (m, d) to points (n, d), in no order; of equal, any.

    Through products: to ||x - y||^2 each x adds its ||x||^2. They cancel, so numbers that differ by
    little of their size are to be in double precision. (torch's own distances copy all the others
    at each call, which takes ten times as long where the points are few.)
    """
    squares = (some.square().sum(1) for some in others.split(ROWS))  # not of all at a time
    lengths = torch.cat([*squares])
    found = [
        torch.addmm(lengths, some, others.T, alpha=-2).topk(count, largest=False).indices
        for some in points.split(ROWS)
    ]
    return torch.cat(found)
