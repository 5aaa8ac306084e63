import numpy as np
import pytest
from scipy import stats

from vaepipe.measures import verdicts
from vaepipe.measures.verdicts import LEVEL, Contrast, best, difference, holm, judge, standard_error

RUNS = 20_000


def compared(measure, values, others):
    (found,) = judge([difference(measure, values, others)])
    return found


def test_a_difference_is_judged_by_welch():
    """Against scipy's test of two samples."""
    a, b = [-200.0, -201.0, -199.5, -200.5], [-206.0, -207.5, -205.0]
    found = compared("elbo", a, b)
    expected = stats.ttest_ind(a, b, equal_var=False)
    assert found.difference == pytest.approx(np.mean(a) - np.mean(b))
    assert (found.low, found.high) == pytest.approx(tuple(expected.confidence_interval(0.95)))
    assert found.p == pytest.approx(expected.pvalue)
    assert found.verdict == "better"


def test_a_contrast_of_four_by_hand():
    """A main effect; for groups of one size and spread, Student's with all degrees of freedom."""
    groups = [[1.0, 2.0, 3.0], [2.0, 3.0, 4.0], [5.0, 6.0, 7.0], [9.0, 10.0, 11.0]]
    (found,) = judge([Contrast("elbo", groups, (-0.5, -0.5, 0.5, 0.5))])
    error = np.sqrt(4 * 0.25 * 1 / 3)
    reach = stats.t.ppf(0.975, 8) * error
    assert found.difference == pytest.approx(5.5)
    assert (found.low, found.high) == pytest.approx((5.5 - reach, 5.5 + reach))
    assert found.p == pytest.approx(2 * stats.t.sf(5.5 / error, 8))


def test_the_error_of_an_interaction_is_that_of_the_level(monkeypatch):
    """Simulated with four spreads that differ: Satterthwaite's degrees of freedom hold it."""
    monkeypatch.setattr(verdicts, "REPEATS", 1)  # of `again`, which is not asked for
    rng = np.random.default_rng(0)
    runs = 2000
    values = rng.standard_normal((runs, 4, 5)) * np.array([1, 2, 4, 1])[:, None]
    contrasts = [Contrast("elbo", groups, (1, -1, -1, 1)) for groups in values]
    decided = sum(judge([contrast])[0].verdict != "not decided" for contrast in contrasts)
    assert decided / runs == pytest.approx(LEVEL, abs=0.006)


def test_holm_by_a_case_worked_out_by_hand():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1, 1]
    assert holm([]) == []


def test_the_more_is_compared_the_less_is_decided():
    apart = difference("elbo", [6.2, 7.2, 8.2], [1.0, 2.0, 3.0])
    alike = difference("elbo", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    alone, among = judge([apart])[0], judge([apart, *5 * [alike]])[0]
    assert alone.verdict == "better" and among.verdict == "not decided"
    assert among.p == pytest.approx(6 * alone.p)


def test_the_other_direction_is_the_opposite():
    values, others = [1.0, 2.0, 3.5], [14.2, 15.2, 16.2]
    one, other = compared("elbo", values, others), compared("elbo", others, values)
    assert (one.verdict, other.verdict) == ("worse", "better")
    assert (other.difference, other.low, other.high) == (-one.difference, -one.high, -one.low)
    assert one.p == other.p


def test_the_error_over_images_is_of_their_differences():
    rng = np.random.default_rng(0)
    hard = 50 * rng.standard_normal((2000, 100))  # what both variants find hard
    a, b = hard + rng.standard_normal(hard.shape), hard + 1 + rng.standard_normal(hard.shape)
    errors = [standard_error(images) for images in a - b]
    assert np.mean(errors) == pytest.approx((a - b).mean(1).std(), rel=0.05)
    assert np.mean(errors) == pytest.approx(np.sqrt(2 / 100), rel=0.02)


def test_lower_is_better_where_the_catalogue_says_so():
    values = {"a": [0.1, 0.11, 0.12], "b": [0.2, 0.21, 0.22]}
    found = compared("mse", values["a"], values["b"])
    assert found.difference < 0 and found.verdict == "better"


@pytest.mark.parametrize("values", [{"a": [1.0], "b": [9.0]}, {"a": [1.0, 1.0], "b": [2.0, 2.0]}])
def test_without_a_spread_there_is_no_verdict(values):
    found = compared("elbo", values["a"], values["b"])
    assert found[1:] == (None, None, None, None, "no verdict")
    assert best(values, "elbo") == []


def test_counts_and_the_kl_are_not_judged():
    with pytest.raises(KeyError):
        compared("active_units", [1.0, 2.0], [3.0, 4.0])
    assert best({"a": [1.0, 2.0], "b": [3.0, 4.0]}, "kl") == []


def power(a, b, level=LEVEL):
    """Of Student's test, to its own side, if what was found is the truth: equal sizes, spreads."""
    n = len(a)
    error = np.sqrt(2 * np.var(a, ddof=1) / n)
    limit = stats.t.ppf(1 - level / 2, 2 * n - 2)
    return stats.nct.sf(limit, 2 * n - 2, abs(np.mean(a) - np.mean(b)) / error)


@pytest.mark.parametrize(("seeds", "gap"), [(30, 0.3), (30, 0.5), (100, 0.2)])
def test_the_chance_of_one_difference_is_the_power_in_closed_form(seeds, gap):
    a = np.linspace(-1, 1, seeds)
    found = compared("elbo", a + gap, a)
    assert 0.2 < found.again < 0.95
    assert found.again == pytest.approx(power(a + gap, a), abs=0.03)
    assert compared("elbo", a, a + gap).again == pytest.approx(found.again, abs=0.03)


def test_the_chance_counts_what_stands_beside():
    """What is decided for sure takes no level from the rest; what is never decided takes all."""
    a = np.linspace(-1, 1, 40)
    open_, sure = (difference("elbo", a + gap, a) for gap in (0.6, 50.0))
    among_sure = judge([open_, sure, sure])[0].again
    assert among_sure == pytest.approx(power(a + 0.6, a), abs=0.03)
    others = [difference("elbo", a + i, a + i) for i in (5, 10, 15)]
    among_equal = judge([open_, *others])[0].again
    assert among_equal == pytest.approx(power(a + 0.6, a, LEVEL / 4), abs=0.03)
    alike = [found.again for found in judge([open_] * 3)]
    assert max(alike) == min(alike)


def test_what_is_only_just_decided_is_decided_again_every_second_time():
    a = np.linspace(-1, 1, 200)
    reach = stats.t.ppf(1 - LEVEL / 2, 398) * np.sqrt(2 * np.var(a, ddof=1) / 200)
    found = compared("elbo", a + reach, a)
    assert found.p == pytest.approx(LEVEL, rel=0.02)
    assert found.again == pytest.approx(0.5, abs=0.03)


def test_few_seeds_are_seldom_decided_again():
    """Their degrees of freedom vary too: against as many new trainings, simulated by scipy."""
    a, b = np.array([-1.0, 0.2, 0.8]), np.array([2.0, 3.0, 4.0])
    rng = np.random.default_rng(1)
    new = [of.mean() + of.std(ddof=1) * rng.standard_normal((RUNS, 3)) for of in (b, a)]
    tests = stats.ttest_ind(*new, axis=1, equal_var=False)
    expected = np.mean((tests.pvalue <= LEVEL) & (tests.statistic > 0))
    assert compared("elbo", b, a).again == pytest.approx(expected, abs=0.03)


def test_the_best_are_all_that_none_is_shown_to_beat():
    values = {"c": [-9.0, -9.1, -9.2], "a": [-1.0, -1.2, -1.1], "b": [-1.1, -1.0, -1.3]}
    assert best(values, "elbo") == ["a", "b"]
    assert best(values, "reconstruction") == ["c"]


def test_the_best_is_among_the_best_in_99_of_100():
    """Simulated: six variants of different spreads, the best by little; and by much."""
    rng = np.random.default_rng(0)
    spreads = np.array([1, 1, 2, 3, 1, 0.5])
    for lead, runs in ((0.0, 1000), (1.0, 500), (12.0, 200)):
        means = np.array([lead, 0, 0, 0, 0, 0])
        draws = rng.standard_normal((runs, 5, 6)) * spreads + means
        found = [best(dict(zip("abcdef", values.T, strict=True)), "elbo") for values in draws]
        assert np.mean(["a" in names for names in found]) > 0.985
        if lead == 12:
            assert np.mean([names == ["a"] for names in found]) > 0.8


@pytest.mark.parametrize(
    ("seeds", "level", "power"),
    [
        (5, 0.05, {2: 0.42, 3: 0.83}),
        (8, 0.05, {2: 0.81, 3: 1.0}),
        (5, LEVEL, {2: 0.16, 4: 0.83}),
        (8, LEVEL, {2: 0.56, 3: 0.96}),
    ],
)
def test_errors_and_power_of_five_comparisons_with_one_baseline(seeds, level, power):
    """Simulated: normal values of six variants, one of which is better by so many deviations.

    The five p-values are those that `judge` would adjust (see the tests above).
    """
    rng = np.random.default_rng(0)
    for shift in (0, *power):
        values = rng.standard_normal((6, RUNS, seeds))
        values[1] += shift
        p = stats.ttest_ind(values[1:], values[:1], axis=2, equal_var=False).pvalue
        decided = np.array([holm(row) for row in p.T]) <= level
        if shift:
            assert decided[:, 0].mean() == pytest.approx(power[shift], abs=0.015)
        assert decided[:, 1 if shift else 0 :].any(axis=1).mean() < level
