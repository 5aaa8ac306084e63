import numpy as np
import pytest

from vaepipe.datasets.samples import outlines
from vaepipe.datasets.samples.outlines import Part, box, ellipse, limb, mirrored, moved, smooth


def test_polar_turns_clockwise_from_the_right():
    for angle, end in ((0, (2, 0)), (90, (0, 2)), (-90, (0, -2)), (540, (-2, 0))):
        np.testing.assert_allclose(outlines.polar(angle, 2), end, atol=1e-12)


def test_an_ellipse_has_its_axes_and_its_angle():
    x, y = (ellipse(3, 4, 5, 2, 90) - (3, 4)).T
    np.testing.assert_allclose((x / 2) ** 2 + (y / 5) ** 2, 1)
    np.testing.assert_allclose(ellipse(0, 0, 3), ellipse(0, 0, 3, 3))


def test_a_smooth_curve_passes_through_its_points():
    points = [(0, 0), (10, 1), (8, 9), (-2, 7)]
    np.testing.assert_allclose(smooth(*points)[::5], points)


def test_a_limb_is_as_wide_as_stated_and_round_at_its_ends():
    x, y = limb([(0, 0), (10, 0), (20, 0)], [2, 4, 6]).T
    assert (x.min(), x.max()) == pytest.approx((-1, 23))
    assert np.abs(y[np.isclose(x, 10)]) == pytest.approx([2, 2])
    assert np.abs(y).max() == pytest.approx(3)


def test_parts_are_scaled_turned_and_moved_in_this_order():
    (part,) = moved([Part(box(0, 0, 2, 1), outlines.BLACK)], x=10, y=20, size=3, angle=90)
    np.testing.assert_allclose(part.outline, [(10, 20), (10, 26), (7, 26), (7, 20)], atol=1e-12)
    np.testing.assert_allclose(mirrored(part.outline, 10)[2], (13, 26))
