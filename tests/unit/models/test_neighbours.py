"""Against scikit-learn's search by trees and its classifier."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from vaepipe.models import neighbours as module
from vaepipe.models.neighbours import neighbours, vote


def drawn(count: int, dimensions: int, seed: int) -> torch.Tensor:
    return torch.tensor(np.random.default_rng(seed).normal(size=(count, dimensions))).float()


@pytest.mark.parametrize("dimensions", [2, 20])
def test_distances_and_rows_are_those_of_a_tree(dimensions, monkeypatch):
    monkeypatch.setattr(module, "ROWS", 7)  # in blocks, the last of them shorter
    points, others = drawn(100, dimensions, 0), drawn(500, dimensions, 1)
    tree = NearestNeighbors(n_neighbors=4, algorithm="kd_tree").fit(others.double().numpy())
    distances, rows = tree.kneighbors(points.double().numpy())
    found = neighbours(points, others, 4)
    assert np.array_equal(found[1].numpy(), rows)
    assert np.allclose(found[0].numpy(), distances, rtol=1e-9)


def test_points_far_from_the_origin_and_near_each_other_are_told_apart():
    others = 100 + 1e-4 * torch.arange(8.0, dtype=torch.double)[:, None]
    _, rows = neighbours(others + 4e-5, others, 1)
    assert rows[:, 0].tolist() == list(range(8))


def test_the_nearest_come_first_wherever_the_points_lie():
    distances, _ = neighbours(drawn(50, 2, 0) + 1e6, drawn(300, 2, 1) + 1e6, 9)
    assert (distances.diff() >= 0).all()


def test_classes_are_those_that_scikit_learn_votes_for():
    others, points = drawn(400, 3, 2), drawn(300, 3, 3)
    labels = torch.tensor(np.random.default_rng(4).integers(0, 6, 400))
    classifier = KNeighborsClassifier(5).fit(others.double().numpy(), labels.numpy())
    expected = classifier.predict(points.double().numpy())  # of equal votes the first class too
    assert np.array_equal(vote(points, others, labels, 5).numpy(), expected)


def test_of_equal_votes_the_first_class_counts():
    others, labels = torch.tensor([[0.0], [1.0], [2.0], [3.0]]), torch.tensor([2, 1, 1, 2])
    assert vote(torch.tensor([[1.5]]), others, labels, 4).tolist() == [1]
