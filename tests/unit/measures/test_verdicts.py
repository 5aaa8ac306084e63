import numpy as np
import pytest
from scipy import stats

from vaepipe.measures.verdicts import Samples, best, compare, holm, judge

RUNS = 20_000


def test_a_difference_is_judged_by_welch():
    """Against the formulas of Welch (1947) by hand."""
    a, b = [-200.0, -201.0, -199.5, -200.5], [-203.0, -204.5, -202.0]
    found = compare({"a": a, "b": b}, "elbo")["a", "b"]
    of_a, of_b = np.var(a, ddof=1) / len(a), np.var(b, ddof=1) / len(b)
    freedom = (of_a + of_b) ** 2 / (of_a**2 / (len(a) - 1) + of_b**2 / (len(b) - 1))
    t = (np.mean(a) - np.mean(b)) / np.sqrt(of_a + of_b)
    reach = stats.t.ppf(0.975, freedom) * np.sqrt(of_a + of_b)
    assert found.difference == pytest.approx(np.mean(a) - np.mean(b))
    assert (found.low, found.high) == pytest.approx(
        (found.difference - reach, found.difference + reach)
    )
    assert found.p == pytest.approx(2 * stats.t.sf(t, freedom))
    assert found.verdict == "better"


def test_holm_by_a_case_worked_out_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1, 1]
    assert holm([]) == []


def test_the_more_is_compared_the_less_is_decided():
    apart = Samples("elbo", [4.2, 5.2, 6.2], [1.0, 2.0, 3.0])
    alike = Samples("elbo", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    alone, among = judge([apart])[0], judge([apart, *5 * [alike]])[0]
    assert alone.verdict == "better" and among.verdict == "not decided"
    assert among.p == pytest.approx(6 * alone.p)


def test_all_pairs_are_one_set_and_have_two_directions():
    values = {"a": [1.0, 2.0, 3.5], "b": [14.2, 15.2, 16.2], "c": [1.1, 2.2, 3.0]}
    found = compare(values, "elbo")
    p = [
        stats.ttest_ind(values[x], values[y], equal_var=False).pvalue
        for x, y in (("a", "b"), ("a", "c"), ("b", "c"))
    ]
    pairs = [("a", "b"), ("a", "c"), ("b", "c")]
    assert [found[pair].p for pair in pairs] == pytest.approx(holm(p))
    one, other = found["a", "b"], found["b", "a"]
    assert (one.verdict, other.verdict) == ("worse", "better")
    assert (other.difference, other.low, other.high) == (-one.difference, -one.high, -one.low)
    assert one.p == other.p


def test_lower_is_better_where_the_catalogue_says_so():
    values = {"a": [0.1, 0.11, 0.12], "b": [0.2, 0.21, 0.22]}
    found = compare(values, "mse")["a", "b"]
    assert found.difference < 0 and found.verdict == "better"


@pytest.mark.parametrize("values", [{"a": [1.0], "b": [9.0]}, {"a": [1.0, 1.0], "b": [2.0, 2.0]}])
def test_without_a_spread_there_is_no_verdict(values):
    found = compare(values, "elbo")["a", "b"]
    assert found[1:] == (None, None, None, "no verdict")
    assert best(values, "elbo") == []


def test_counts_and_the_kl_are_not_judged():
    with pytest.raises(KeyError):
        compare({"a": [1.0, 2.0], "b": [3.0, 4.0]}, "active_units")
    assert best({"a": [1.0, 2.0], "b": [3.0, 4.0]}, "kl") == []


def test_the_best_are_all_that_are_not_told_apart():
    values = {"c": [-9.0, -9.1, -9.2], "a": [-1.0, -1.2, -1.1], "b": [-1.1, -1.0, -1.3]}
    assert best(values, "elbo") == ["a", "b"]
    assert best(values, "reconstruction") == ["c"]


@pytest.mark.parametrize(
    ("seeds", "power"), [(5, {2: 0.42, 3: 0.83}), (8, {2: 0.81, 3: 1.0})], ids=["5", "8"]
)
def test_errors_and_power_of_five_comparisons_with_one_baseline(seeds, power):
    """Simulated: normal values of six variants, one of which is better by so many deviations.

    The five p-values are those that `judge` would adjust (see the tests above).
    """
    rng = np.random.default_rng(0)
    for shift in (0, *power):
        values = rng.standard_normal((6, RUNS, seeds))
        values[1] += shift
        p = stats.ttest_ind(values[1:], values[:1], axis=2, equal_var=False).pvalue
        decided = np.array([holm(row) for row in p.T]) <= 0.05
        if shift:
            assert decided[:, 0].mean() == pytest.approx(power[shift], abs=0.015)
        assert decided[:, 1 if shift else 0 :].any(axis=1).mean() < 0.05
