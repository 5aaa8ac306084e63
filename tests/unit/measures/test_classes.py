import pytest
import torch
from unit.toys import linear_model, subject

from vaepipe.core.errors import InputError
from vaepipe.measures import classes
from vaepipe.measures.classes import knn_accuracy
from vaepipe.models.batch import Batch


def test_knn_votes_among_the_training_codes():
    train = torch.tensor([[0.0], [0.1], [0.2], [5.0], [5.1], [5.2]])
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    test = torch.tensor([[0.05], [5.05], [4.9], [0.3]])
    assert knn_accuracy(train, labels, test, torch.tensor([0, 1, 0, 0]), 3) == 0.75


def test_more_neighbours_than_training_images_names_the_key():
    images = torch.rand(60, 16)
    batch = Batch(images, images, torch.arange(60) % 3)
    model = linear_model(16, 3, (4, 4))
    with pytest.raises(InputError, match="neighbours: 61 are more than the 60"):
        classes.measure(subject(model, batch, batch, {"neighbours": 61}))
    assert classes.measure(subject(model, batch, batch, {"neighbours": 60}))["knn_accuracy"] >= 0


def test_classes_are_told_apart_by_what_the_noisy_images_are_encoded_to():
    """Train and test differ where they are clean; the classes differ where they are noisy."""
    labels = torch.arange(20) % 2
    noisy = labels[:, None] * torch.ones(20, 16)
    model = linear_model(16, 3, (4, 4))
    train = Batch(noisy, torch.rand(20, 16), labels)
    test = Batch(noisy, torch.rand(20, 16), labels)
    assert classes.measure(subject(model, train, test, {"neighbours": 3}))["knn_accuracy"] == 1
    wrong = Batch(noisy, test.clean, 1 - labels)
    assert classes.measure(subject(model, train, wrong, {"neighbours": 3}))["knn_accuracy"] == 0
