from itertools import pairwise

import numpy as np
import pytest

from vaepipe.figures import estimates

LOOK = {"colormap": "gray_r", "width": 16.0}
DRAWS = [1, 4, 16]
VALUES = np.random.default_rng(0).normal(3, 1, (3, 200)) / np.array([[1], [2], [4]])


@pytest.fixture
def drawn(monkeypatch):
    """The axes of the figures, in the place of their files."""
    axes = []
    monkeypatch.setattr(estimates, "save", lambda figure, path: axes.extend(figure.axes))
    return axes


def legend(ax) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_estimates_are_shown_by_their_mean_and_a_band_of_95_of_100(drawn):
    estimates.spread_by_draws(None, DRAWS, VALUES, 2.5, "KL, nats", LOOK)
    (ax,) = drawn
    mean, exact = ax.get_lines()
    assert mean.get_xdata().tolist() == DRAWS
    assert np.allclose(mean.get_ydata(), VALUES.mean(1))
    assert set(exact.get_ydata()) == {2.5}
    assert legend(ax) == ["estimate", "closed form"]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale()) == ("draws", "KL, nats", "log")
    corners = ax.collections[0].get_paths()[0].vertices
    for draws, values in zip(DRAWS, VALUES, strict=True):
        band = corners[corners[:, 0] == draws][:, 1]
        inside = (values > band.min()) & (values < band.max())
        assert inside.sum() == 190


def test_errors_are_root_mean_squares_and_the_grey_line_falls_by_the_root_of_the_draws(drawn):
    found = {"pathwise": VALUES, "score": 3 * VALUES}
    estimates.errors_by_draws(None, DRAWS, found, 1.0, "error", LOOK)
    (ax,) = drawn
    pathwise, slope, score = (line.get_ydata() for line in ax.get_lines())
    assert np.allclose(pathwise, [np.sqrt(np.mean((of - 1) ** 2)) for of in VALUES])
    assert np.allclose(score, [np.sqrt(np.mean((3 * of - 1) ** 2)) for of in VALUES])
    assert np.allclose(slope / pathwise[0], [1 / 2, 1 / 4, 1 / 8])
    assert legend(ax) == ["pathwise", "score"]
    assert (ax.get_xscale(), ax.get_yscale(), ax.get_ylabel()) == ("log", "log", "error")


def test_each_measure_has_a_panel_with_a_row_a_variant_and_a_point_a_seed(drawn):
    labels = ["ELBO, nats", "k-NN, %", "KL, nats", "SSIM"]
    values = {label: {"a": [index, index + 4.0], "b": [7.0]} for index, label in enumerate(labels)}
    estimates.by_variant(None, values, LOOK)
    shown = [ax for ax in drawn if ax.axison]
    assert [ax.get_xlabel() for ax in shown] == labels
    assert len(drawn) == 6  # in two rows of three, of which two are empty
    for index, ax in enumerate(shown):
        points, mean, *of_b = (line.get_xydata().tolist() for line in ax.get_lines())
        assert points == [[index, 0], [index + 4, 0]]
        assert {x for x, _ in mean} == {index + 2} and [y for _, y in mean] == [-0.3, 0.3]
        assert of_b[0] == [[7, 1]]
        names = [text.get_text() for text in ax.get_yticklabels()]
        assert names == (["a", "b"] if index % 3 == 0 else [])  # at the left of each row of panels
        low, high = ax.get_ylim()
        assert low > high  # the first variant stands on top


def test_large_numbers_below_a_panel_stand_apart(drawn):
    spread = {"a": [-14874.0, -14601.0], "b": [-13905.0, -14090.0]}
    estimates.by_variant(None, {f"measure {n}": spread for n in range(3)}, LOOK)
    drawn[0].figure.draw_without_rendering()
    for ax in drawn:
        low, high = ax.get_xlim()
        shown = zip(ax.get_xticklabels(), ax.get_xticks(), strict=True)
        labels = [label.get_window_extent() for label, place in shown if low <= place <= high]
        assert len(labels) >= 2
        assert all(one.x1 < other.x0 for one, other in pairwise(labels))
