"""The names that params.yaml may choose are those of the modules that stand for them."""

from importlib import import_module
from pkgutil import iter_modules
from typing import get_args

import pytest
from pydantic import ValidationError

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


SOME = {"batch_size": 9, "learning_rate": 0.1}
NUMBERS = {"beta": 1.0, "warmup_epochs": 0, "draws": 3, "mmd_weight": 2.0}


def of_objective(objective: str) -> dict:
    """The training of a variant that says what its objective uses, and no more."""
    used = training.USES[objective]
    return SOME | {key: value if key in used else None for key, value in NUMBERS.items()}


def test_each_objective_says_which_keys_it_uses():
    assert set(training.USES) == set(get_args(training.Objective))
    keys = set(training.ObjectiveTraining.model_fields) - set(SOME)
    assert set().union(*training.USES.values()) == keys == set(NUMBERS)


@pytest.mark.parametrize("objective", training.USES)
def test_an_objective_reads_no_key_that_may_be_null_but_those_it_uses(objective):
    read = set()

    class Watched(dict):
        def __getitem__(self, key):
            read.add(key)
            return super().__getitem__(key)

    module = import_module(f"vaepipe.models.objectives.{objective}")
    module.Objective(None, Watched(of_objective(objective)))
    assert read == training.USES[objective]


@pytest.mark.parametrize("objective", training.USES)
def test_what_an_objective_uses_is_a_number_and_the_rest_is_null(objective):
    whole = of_objective(objective)
    check = training.check_objective
    check("x", objective, training.ObjectiveTraining(**whole))
    for key, value in NUMBERS.items():
        wrong = whole | {key: None if whole[key] is not None else value}
        wanted = "null" if whole[key] is None else "a number"
        message = rf"variants\.x\.training\.{key}: must be {wanted} with the objective {objective}$"
        with pytest.raises(ValueError, match=message):
            check("x", objective, training.ObjectiveTraining(**wrong))


@pytest.mark.parametrize("key", ["batch_size", "learning_rate", "beta", "draws", "mmd_weight"])
def test_what_is_trained_with_is_above_zero(key):
    with pytest.raises(ValidationError, match=f"{key}\\n.*greater than 0"):
        training.ObjectiveTraining(**SOME | NUMBERS | {key: 0})


def test_no_key_of_a_training_may_be_left_out_though_it_be_null():
    whole = of_objective("mmd")
    for key in whole:
        with pytest.raises(ValidationError, match=f"{key}\\n.*required"):
            training.ObjectiveTraining(**{k: v for k, v in whole.items() if k != key})
