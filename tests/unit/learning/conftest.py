"""What the tests of trainings share."""

import sys
from types import ModuleType

import pytest
from unit import toys
from unit.learning.kinds import CrossEntropy, SquaredError, build_autoencoder, build_classifier


@pytest.fixture
def splits():
    return toys.splits()


@pytest.fixture
def kinds(monkeypatch):
    """Two further kinds of model with objectives of their own, known by name to the library."""
    CrossEntropy.calls, CrossEntropy.steps = [], []
    for package, name, attribute, part in (
        ("kinds", "autoencoder", "build", build_autoencoder),
        ("objectives", "squared_error", "Objective", SquaredError),
        ("kinds", "classifier", "build", build_classifier),
        ("objectives", "cross_entropy", "Objective", CrossEntropy),
    ):
        module = ModuleType(name)
        setattr(module, attribute, part)
        monkeypatch.setitem(sys.modules, f"vaepipe.models.{package}.{name}", module)
