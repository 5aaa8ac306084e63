"""README's tables are those of benchmarks/real/results.json."""

import importlib.util
import json
import sys

import pytest
from conftest import ROOT

from vaepipe.measures.catalogue import CATALOGUE


@pytest.fixture(scope="module")
def real():
    spec = importlib.util.spec_from_file_location("real", ROOT / "benchmarks/real.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["real"] = module
    spec.loader.exec_module(module)
    return module


def test_readme_has_the_tables_of_what_was_measured(real):
    readme, results = real.README.read_text(), json.loads(real.RESULTS.read_text())
    assert real.written(readme, results) == readme


def test_each_overlay_has_its_place(real):
    overlays, readme = real.read_overlays(()), real.README.read_text()
    assert json.loads(real.RESULTS.read_text()).keys() == overlays.keys()
    for name in overlays:
        assert all(readme.count(mark) == 1 for mark in real.markers(name))


def test_a_value_is_written_with_its_spread_and_true_minus(real):
    assert real.scaled("elbo", [-200.0, -202.0]) == "\N{MINUS SIGN}201.0 ± 1.4"
    assert real.scaled("knn_accuracy", [0.5]) == "50.0"
    assert {name for of in real.MEASURES.values() for name in of} <= CATALOGUE.keys()


@pytest.mark.parametrize(
    ("published", "words"),
    [(10.9, "where 95 % of ours are"), (20.0, "ours is lower"), (5.0, "ours is higher")],
)
def test_a_published_number_agrees_where_one_more_training_might_have_it(real, published, words):
    # mean 10, deviation 1, t of 2 degrees 4.3027: 10 ± 4.97
    found = real.agreement(published, [9.0, 10.0, 11.0])
    assert found.startswith(words)
    assert "5.03 to 14.97" in found


def test_of_one_training_the_difference_is_all_there_is(real):
    assert real.agreement(-86.76, [-90.0]) == "ours is lower by 3.24"


def test_what_is_not_there_is_said(real, tmp_path):
    with pytest.raises(SystemExit, match=r"x\.gz: is not there"):
        real.take(tmp_path, "x.gz", tmp_path / "y")
    with pytest.raises(SystemExit, match=r"there is no \S+/letter\.yaml; there are "):
        real.read_overlays(["letter"])


def test_no_table_is_written_where_readme_has_no_place_for_it(real):
    result = next(iter(json.loads(real.RESULTS.read_text()).values()))
    with pytest.raises(SystemExit, match="no place for this table"):
        real.written("<!-- real: x -->\n\nWhat comes after.\n", {"x": result})
    found = real.written("a\n<!-- real: x -->\nold\n<!-- end of x -->\nb\n", {"x": result})
    assert found.startswith("a\n<!-- real: x -->\n")
    assert found.endswith("|\n\n<!-- end of x -->\nb\n")
