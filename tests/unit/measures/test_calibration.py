import numpy as np
import pytest

from vaepipe.measures.calibration import expected_calibration_error, reliability


def of_two(*of_the_first: float) -> np.ndarray:
    """Probabilities of two classes."""
    first = np.array(of_the_first)
    return np.stack([first, 1 - first], 1)


def test_reliability_and_its_error_by_hand():
    probabilities = of_two(0.75, 0.25, 0.75, 0.875, 1.0, 0.5625)
    labels = np.array([0, 1, 1, 0, 1, 0])
    found = reliability(probabilities, labels, 4)
    # A bin holds its upper end: 0.75, 0.75 (of the second class), 0.75 and 0.5625 lie in the third.
    assert found.count.tolist() == [0, 0, 4, 2]
    assert found.confidence.tolist() == [0, 0, 2.8125 / 4, 1.875 / 2]
    assert found.accuracy.tolist() == [0, 0, 3 / 4, 1 / 2]
    expected = (4 * (0.75 - 0.703125) + 2 * (0.9375 - 0.5)) / 6
    assert expected_calibration_error(probabilities, labels, 4) == pytest.approx(expected)


def test_gaps_of_both_signs_do_not_cancel():
    probabilities, labels = of_two(0.6, 0.6, 0.9, 0.9), np.array([0, 0, 0, 1])
    assert expected_calibration_error(probabilities, labels, 10) == pytest.approx(0.4)


def test_within_a_bin_they_do():
    probabilities, labels = of_two(0.75, 0.75, 0.75, 0.75), np.array([0, 0, 0, 1])
    assert expected_calibration_error(probabilities, labels, 1) == 0


def test_a_sure_classifier_errs_by_the_share_of_its_mistakes():
    assert expected_calibration_error(np.eye(4)[[0, 1, 2, 3]], np.array([0, 1, 2, 2])) == 0.25


def test_a_classifier_whose_classes_are_drawn_from_what_it_says_is_calibrated():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.full(10, 0.3), 100_000)
    edges = probabilities.cumsum(1)
    labels = (generator.random((len(edges), 1)) > edges).sum(1).clip(max=9)
    assert expected_calibration_error(probabilities, labels) < 0.005
    found = reliability(probabilities, labels)
    gap = np.abs(found.accuracy - found.confidence)
    assert (gap < 4 * np.sqrt(0.25 / found.count.clip(min=1))).all()
    sharper = probabilities**2 / (probabilities**2).sum(1, keepdims=True)
    assert expected_calibration_error(sharper, labels) > 0.05
