"""The names that params.yaml may choose are those of the modules that stand for them."""

from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

import pytest

from vaepipe.config import training


@pytest.mark.parametrize(
    ("names", "package", "attributes"),
    [
        (training.Kind, "kinds", ["build"]),
        (training.Body, "bodies", ["encoder", "decoder"]),
        (training.Objective, "objectives", ["Objective"]),
        (training.Likelihood, "likelihoods", ["Likelihood"]),
    ],
)
def test_each_part_has_a_module_of_its_name_and_no_module_is_without_one(
    names, package, attributes
):
    folder = import_module(f"vaepipe.models.{package}")
    found = {module.name for module in iter_modules(folder.__path__)}
    assert set(get_args(names)) == found
    for name in found:
        part = import_module(f"vaepipe.models.{package}.{name}")
        assert all(callable(getattr(part, attribute)) for attribute in attributes)
