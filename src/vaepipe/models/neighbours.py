"""Nearest neighbours in latent space and in features: all distances, then the smallest."""

import torch
from torch import Tensor
from torch.nn import functional

ROWS = 64
"""Points at a time: their distances from all others stay near the processor."""


def neighbours(points: Tensor, others: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The nearest of others (m, d) to each of points (n, d): Euclidean distances and rows.

    Both (n, count), the nearest first; in double precision.
    """
    points, others = points.double(), others.double()
    rows = _nearest(points, others, count)
    distances = torch.linalg.vector_norm(points[:, None] - others[rows], dim=-1)
    distances, order = distances.sort(stable=True)
    return distances, rows.gather(1, order)


def vote(points: Tensor, others: Tensor, labels: Tensor, count: int) -> Tensor:
    """The class of most of the nearest of others (m, d), whose labels are (m,): (n,).

    The k-NN classifier (Cover & Hart 1967); of classes with as many votes the first.
    """
    rows = _nearest(points.double(), others.double(), count)
    return functional.one_hot(labels[rows]).sum(1).argmax(1)


def _nearest(points: Tensor, others: Tensor, count: int) -> Tensor:
    """Rows (n, count) of the nearest. Through products: to ||x - y||^2 each x adds its ||x||^2.

    Of numbers in double precision, since they cancel.
    """
    lengths, opposite = others.square().sum(1), -2 * others.T
    found = [
        torch.addmm(lengths, some, opposite).topk(count, largest=False).indices
        for some in points.split(ROWS)
    ]
    return torch.cat(found)
