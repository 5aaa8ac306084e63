"""Nearest neighbours in latent space and in features: all distances, then the smallest."""

import torch
from torch import Tensor
from torch.nn import functional

PAIRS = 10_000_000
"""Distances that are held at a time."""


def neighbours(points: Tensor, others: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The nearest of others (m, d) to each of points (n, d): Euclidean distances and rows.

    Both (n, count), the nearest first. Through products, in double precision, since they cancel.
    """
    points, others = points.double(), others.double()
    found = [
        torch.cdist(some, others).topk(count, largest=False)
        for some in points.split(max(1, PAIRS // len(others)))
    ]
    return torch.cat([of.values for of in found]), torch.cat([of.indices for of in found])


def vote(points: Tensor, others: Tensor, labels: Tensor, count: int) -> Tensor:
    """The class of most of the nearest of others (m, d), whose labels are (m,): (n,).

    The k-NN classifier (Cover & Hart 1967); of classes with as many votes the first.
    """
    _, rows = neighbours(points, others, count)
    return functional.one_hot(labels[rows]).sum(1).argmax(1)
