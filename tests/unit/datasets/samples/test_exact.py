import numpy as np
import pytest

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples import exact
from vaepipe.datasets.samples.glyphs import ALLOGRAPHS, class_allographs
from vaepipe.datasets.samples.numerals import NUMERALS, numeral_allographs
from vaepipe.datasets.samples.pen import GRID, _spline


def test_functions_are_those_of_the_c_library():
    x = np.linspace(-40, 40, 10_001)
    np.testing.assert_allclose(exact.sin(x), np.sin(x), atol=1e-12)
    np.testing.assert_allclose(exact.cos(x), np.cos(x), atol=1e-12)
    x = np.linspace(-3, 3, 10_001)
    np.testing.assert_allclose(exact.exp(x), np.exp(x), rtol=1e-12)


def test_a_product_is_that_of_matrices():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(7, 5)), rng.normal(size=(5, 3))
    np.testing.assert_allclose(exact.product(a, b), a @ b, rtol=1e-13)
    with pytest.raises(ValueError):
        exact.product(a.T, a.T)


def test_draws_are_normal_and_on_the_grid():
    drawn = exact.normal(np.random.default_rng(0), (1000, 50))
    assert (drawn / exact.GRID == np.rint(drawn / exact.GRID)).all()
    np.testing.assert_allclose(
        drawn, np.random.default_rng(0).standard_normal((1000, 50)), atol=2**-32
    )


def test_no_share_of_a_control_point_is_near_where_rounding_turns():
    """Solvers differ by some 10^-16, so that this leaves them no say."""
    shapes = [*map(class_allographs, CLASSES), *map(numeral_allographs, range(10))]
    strokes = [s for ways in shapes for _, form in ways for s in form]
    assert len(strokes) > len(ALLOGRAPHS) + len(NUMERALS)
    for stroke in strokes:
        shares = _spline(np.array(stroke.points), stroke.corners)
        turn = np.abs(shares / GRID - np.floor(shares / GRID) - 0.5)
        assert turn.min() > 1e-8
