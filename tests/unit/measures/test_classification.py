import math
from dataclasses import replace

import pytest
import torch
from torch.nn import functional
from unit import toys

from vaepipe.measures.classification import cross_entropy, measure, of_each
from vaepipe.models.batch import Batch

SETTINGS = {"samples": 10, "seed": 0}


@pytest.fixture
def subject():
    torch.manual_seed(0)
    images = torch.rand(1200, 144)
    batch = Batch((images + 0.2).clip(0, 1), images, torch.arange(1200) % 3)
    model = toys.linear_classifier(144, 3, (12, 12))
    return toys.subject(model, batch[600:], batch[:600], SETTINGS)


@torch.no_grad()
def test_all_measures_are_those_of_the_images_that_the_model_sees(subject):
    found = measure(subject)
    logits = [subject.model.network.classify(of.noisy) for of in (subject.test, subject.train)]
    test, train = (
        functional.cross_entropy(of, split.labels).item()
        for of, split in zip(logits, (subject.test, subject.train), strict=True)
    )
    right = (logits[0].argmax(1) == subject.test.labels).double().mean().item()
    assert found["accuracy"] == pytest.approx(right)
    assert found["cross_entropy"] == pytest.approx(test, rel=1e-5)
    assert found["train_cross_entropy"] == pytest.approx(train, rel=1e-5)
    assert found["cross_entropy_gap"] == pytest.approx(test - train, rel=1e-3)
    assert 0 <= found["calibration_error"] <= 1
    assert of_each(subject).mean().item() == pytest.approx(test, rel=1e-5)
    bright = replace(subject, test=subject.test.without_noise())
    assert measure(bright)["cross_entropy"] != found["cross_entropy"]


def test_a_class_that_is_ruled_out_costs_much_but_not_infinitely_much():
    found = cross_entropy(torch.tensor([[1.0, 0.0], [0.5, 0.5]]), torch.tensor([1, 0]))
    assert math.isfinite(found[0]) and found[0] > 80
    assert found[1].item() == pytest.approx(math.log(2))
