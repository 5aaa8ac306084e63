import numpy as np
import pytest
from scipy import stats

from vaepipe.core.files import write_json
from vaepipe.measures import shares
from vaepipe.measures.shares import (
    Views,
    compare,
    difference,
    merged,
    over_seeds,
    p_value,
    wilson,
)

VALUES = ("glasses", "none", "sunglasses")


@pytest.mark.parametrize(("count", "images"), [(0, 20), (1, 20), (21, 300), (150, 300), (300, 300)])
@pytest.mark.parametrize("level", [0.05, 0.001])
def test_wilson_against_scipy(count, images, level):
    expected = stats.binomtest(count, images).proportion_ci(1 - level, method="wilson")
    found = wilson(count, images, level)
    assert found.share == count / images
    assert found[1:] == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.low <= found.share <= found.high


def test_the_difference_of_two_shares_by_newcombes_table():
    """His table II: 56 of 70 and 48 of 80, 9 of 10 and 3 of 10, 10 of 10 and 0 of 20."""
    cases = {
        (56, 70, 48, 80): (0.0524, 0.3339),
        (9, 10, 3, 10): (0.1705, 0.8090),
        (10, 10, 0, 20): (0.6791, 1.0),
    }
    for (a, m, b, n), expected in cases.items():
        found = difference(wilson(a, m), wilson(b, n))
        assert found.share == pytest.approx(a / m - b / n)
        assert found[1:] == pytest.approx(expected, abs=1e-4)


def test_over_seeds_the_interval_is_students():
    counts = [60, 90, 75, 110, 40]
    values = np.array(counts) / 500
    expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert over_seeds(counts, 500) == pytest.approx((values.mean(), *expected))


def test_seeds_that_agree_by_chance_are_not_surer_than_all_their_images():
    assert over_seeds([7, 7, 7], 100) == wilson(21, 300)
    assert over_seeds([0, 0, 0], 100).high > 0.01
    assert over_seeds([7], 100) == wilson(7, 100)


def test_no_share_leaves_what_shares_can_be():
    few, many = over_seeds([0, 0, 0, 40], 100), over_seeds([100, 100, 100, 60], 100)
    assert few.low == 0 and few.high < 1
    assert many.low > 0 and many.high == 1


@pytest.mark.parametrize("share", [0.01, 0.07, 0.5])
def test_the_interval_holds_no_difference_as_often_as_it_says(share):
    """Simulated: seeds differ by a quarter of the share, and the law of both is one."""
    rng, runs, held = np.random.default_rng(0), 1000, 0
    for _ in range(runs):
        models = (share * (1 + 0.25 * rng.standard_normal(5))).clip(0, 1)
        drawn = over_seeds(rng.binomial(400, models).tolist(), 400)
        found = difference(drawn, wilson(int(rng.binomial(300, share)), 300))
        held += found.low <= 0 <= found.high
    assert 0.945 <= held / runs <= 0.995


@pytest.mark.parametrize(("counts", "count"), [([60, 90, 75], 21), ([1, 0, 3], 21), ([9, 6, 8], 4)])
def test_p_is_the_level_at_which_the_interval_touches_zero(counts, count):
    p = p_value(counts, 400, count, 300)
    for level, holds in ((1.01 * p, False), (0.99 * p, True)):
        _, low, high = difference(over_seeds(counts, 400, level), wilson(count, 300, level))
        assert (low <= 0 <= high) == holds


def test_p_at_its_ends():
    for counts, images, count, test in (([40, 20, 30], 100, 90, 300), ([1, 2, 0], 7, 1, 7)):
        assert p_value(counts, images, count, test) == pytest.approx(1)
    assert p_value([0, 0], 10**6, 300, 300) == shares.SMALLEST


def views(samples, test=(90, 150, 60), sure=0.9, seeds=5, images=400):
    """Of a judge that errs in every tenth test image, by the shares of samples in the values."""

    def probabilities(taken, sure):
        found = np.full((len(taken), 3), (1 - sure) / 2)
        found[np.arange(len(taken)), taken] = sure
        return found

    labels = np.repeat(range(3), test)
    taken = np.where(np.arange(len(labels)) % 10, labels, 1)
    rng = np.random.default_rng(0)
    seen = probabilities(taken, 0.9) + 0.01 * rng.standard_normal((len(labels), 3))
    drawn = [
        probabilities(np.repeat(range(3), rng.multinomial(images, samples)), sure - 0.01 * seed)
        for seed in range(seeds)
    ]
    return Views(VALUES, labels, seen, np.array(drawn))


def test_samples_are_compared_with_what_the_judge_says_of_the_data(tmp_path):
    of = views((0.27, 0.72, 0.01))
    rows = compare({"a": of})["a"]
    assert [row["value"] for row in rows] == list(VALUES)
    taken = [np.mean(of.test.argmax(1) == index) for index in range(3)]
    assert [row["true"]["share"] for row in rows] == [0.3, 0.5, 0.2]
    assert [row["test"]["share"] for row in rows] == pytest.approx(taken)
    for index, row in enumerate(rows):
        values = (of.samples.argmax(2) == index).mean(1)
        assert row["samples"]["values"] == pytest.approx(values.tolist())
        gap = row["difference"]
        assert gap["difference"] == pytest.approx(values.mean() - taken[index])
        assert gap["low"] < gap["difference"] < gap["high"]
    # of glasses the samples have as many as the judge finds, if not as many as there are
    assert [row["difference"]["verdict"] for row in rows] == ["not decided", "more", "less"]
    write_json(tmp_path / "rows.json", rows)


def test_all_shares_are_one_set():
    some, other = views((0.27, 0.72, 0.01)), views((0.24, 0.62, 0.14))
    alone, both = compare({"a": some}), compare({"a": some, (1, "b"): other})
    assert list(both) == ["a", (1, "b")]
    p = [[row["difference"]["p"] for row in rows] for rows in (alone["a"], both["a"])]
    assert all(one <= two for one, two in zip(*p, strict=True)) and p[0] != p[1]


def test_confidence_is_that_in_the_value_that_images_are_taken_for():
    sure, unsure = (compare({"a": views((0.27, 0.6, 0.13), sure=of)})["a"] for of in (0.92, 0.6))
    for rows, verdict in ((sure, "not decided"), (unsure, "worse")):
        assert [row["confidence"]["verdict"] for row in rows] == 3 * [verdict]
    found = unsure[2]["confidence"]
    assert found["values"] == pytest.approx([0.6, 0.59, 0.58, 0.57, 0.56])
    assert found["samples"] == pytest.approx(0.58)
    assert found["test"] == pytest.approx(0.9, abs=0.01)
    of = views((0.27, 0.6, 0.13), sure=0.6)
    expected = stats.ttest_ind(
        found["values"], of.test[of.test.argmax(1) == 2, 2], equal_var=False
    ).confidence_interval(0.95)
    assert (found["low"], found["high"]) == pytest.approx(tuple(expected))


def test_a_value_that_no_sample_shows_has_no_confidence(tmp_path):
    rows = compare({"a": views((0.4, 0.6, 0.0))})["a"]
    assert rows[2]["difference"]["verdict"] == "less"
    assert rows[2]["confidence"]["values"] == 5 * [None]
    assert rows[2]["confidence"]["samples"] is None
    assert rows[2]["confidence"]["verdict"] == "no verdict"
    assert rows[0]["confidence"]["samples"] is not None
    write_json(tmp_path / "rows.json", rows)


def test_a_single_seed_has_intervals_and_no_verdict(tmp_path):
    rows = compare({"a": views((0.27, 0.72, 0.01), seeds=1)})["a"]
    for row in rows:
        assert row["difference"]["verdict"] == row["confidence"]["verdict"] == "no verdict"
        assert row["difference"]["p"] is None
        assert row["samples"]["low"] < row["samples"]["share"] < row["samples"]["high"]
    write_json(tmp_path / "rows.json", rows)


def test_values_of_a_group_are_one():
    """Two of 0.3 and 0.3 are together more probable than one of 0.4; monocles nobody has."""
    test = np.array([[0.3, 0.4, 0.3], [0.1, 0.9, 0.0], [0.2, 0.2, 0.6]])
    of = Views(VALUES, np.array([0, 1, 2]), test, np.stack([test, test[::-1]]))
    found = merged(of, {"some": ["sunglasses", "glasses", "monocle"]})
    assert list(found.values) == ["some", "none"]
    assert found.labels.tolist() == [0, 1, 0]
    expected = [[0.6, 0.4], [0.1, 0.9], [0.8, 0.2]]
    assert found.test == pytest.approx(np.array(expected))
    assert found.samples == pytest.approx(np.array([expected, expected[::-1]]))
    assert compare({"a": found})["a"][0]["test"]["share"] == 2 / 3
