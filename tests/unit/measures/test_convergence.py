import numpy as np
import pytest

from vaepipe.measures.convergence import drift, window


def test_the_window_is_the_last_fifth_and_two_epochs_at_least():
    assert [window(epochs) for epochs in (1, 2, 9, 25, 60)] == [1, 2, 2, 5, 12]


def test_the_drift_of_a_straight_line_is_what_it_falls_in_a_window():
    falling = 200 - 3.0 * np.arange(25)
    assert drift(np.stack([falling, falling + 7])) == pytest.approx(15)
    assert drift(np.full((3, 25), 180.0)) == pytest.approx(0)
    assert drift(np.full((3, 1), 180.0)) == 0


def test_what_lies_before_the_window_does_not_count():
    objective = np.concatenate([np.linspace(900, 300, 20), np.full(5, 300.0)])
    assert drift(objective[None]) == pytest.approx(0)


def test_the_line_goes_through_noise():
    rng = np.random.default_rng(0)
    objective = 200 - np.arange(500.0) + rng.standard_normal((5, 500))
    assert drift(objective) == pytest.approx(100, rel=0.02)
