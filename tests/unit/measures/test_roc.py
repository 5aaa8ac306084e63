import numpy as np
import pytest
from scipy import stats
from sklearn import metrics

from vaepipe.core.errors import InputError
from vaepipe.measures import roc
from vaepipe.measures.roc import (
    Scores,
    auc,
    aucs,
    bootstrap,
    curve,
    difference,
    estimate,
    extremes,
    preference,
)


def drawn(normal: int, anomalous: int, shift: float, seed: int = 0, tied: bool = False):
    """Scores of two normal laws of one spread, in steps of a half where they are to be tied."""
    generator = np.random.default_rng(seed)
    scores = generator.standard_normal(normal), shift + generator.standard_normal(anomalous)
    return tuple((2 * of).round() / 2 for of in scores) if tied else scores


def labelled(normal, anomalous):
    """What scikit-learn asks for."""
    labels = np.repeat([0, 1], [len(normal), len(anomalous)])
    return labels, np.concatenate([normal, anomalous])


def test_area_and_curve_by_hand():
    normal, anomalous = np.array([1.0, 2.0, 4.0]), np.array([2.0, 5.0])
    # Of six pairs: (2, 1) and the three of 5 are right, (2, 2) is half right, (2, 4) is wrong.
    assert auc(normal, anomalous) == pytest.approx(4.5 / 6)
    found = curve(normal, anomalous)
    assert found.false_positives == pytest.approx([0, 0, 1 / 3, 2 / 3, 1])
    assert found.true_positives == pytest.approx([0, 0.5, 0.5, 1, 1])


@pytest.mark.parametrize("tied", [False, True])
def test_area_and_curve_are_those_of_scikit_learn(tied):
    scores = drawn(57, 31, 0.7, tied=tied)
    assert auc(*scores) == pytest.approx(metrics.roc_auc_score(*labelled(*scores)), abs=1e-12)
    expected = metrics.roc_curve(*labelled(*scores), drop_intermediate=False)
    for found, wanted in zip(curve(*scores), expected[:2], strict=True):
        assert found == pytest.approx(wanted)
    assert np.trapezoid(*curve(*scores)[::-1]) == pytest.approx(auc(*scores))


def test_the_area_of_normal_laws_is_the_known_one():
    assert auc(*drawn(20_000, 20_000, 1.2)) == pytest.approx(
        stats.norm.cdf(1.2 / np.sqrt(2)), abs=0.006
    )


def test_ends():
    one, other = np.zeros(4), np.ones(3)
    assert (auc(one, other), auc(other, one), auc(one, np.zeros(2))) == (1, 0, 0.5)
    assert estimate(Scores(one[None], other[None]), 50, 0) == (1, 1, 1)


@pytest.mark.parametrize("tied", [False, True])
def test_resamples_are_of_images_drawn_with_replacement_from_each_set(tied):
    normal, anomalous = drawn(23, 17, 0.5, tied=tied)
    found = bootstrap(normal, anomalous, 20, 4)
    generator = np.random.default_rng(4)
    rows = [generator.integers(len(of), size=(20, len(of))) for of in (normal, anomalous)]
    expected = [
        metrics.roc_auc_score(*labelled(normal[some], anomalous[others]))
        for some, others in zip(*rows, strict=True)
    ]
    assert found == pytest.approx(expected)


def delong(normal, anomalous) -> float:
    """The standard error of the area by its placement values (DeLong et al. 1988)."""
    wins = (anomalous[:, None] > normal) + 0.5 * (anomalous[:, None] == normal)
    return np.sqrt(
        wins.mean(1).var(ddof=1) / len(anomalous) + wins.mean(0).var(ddof=1) / len(normal)
    )


@pytest.mark.parametrize("tied", [False, True])
def test_the_spread_of_resamples_is_the_standard_error_of_other_authors(tied):
    scores = drawn(150, 90, 1.0, tied=tied)
    found = bootstrap(*scores, 4000, 1)
    assert found.std() == pytest.approx(delong(*scores), rel=0.06)
    assert found.mean() == pytest.approx(auc(*scores), abs=0.003)
    assert len(set(np.round(found[: 2 * roc.BLOCK], 9))) > roc.BLOCK


def test_intervals_hold_the_true_area_as_often_as_they_say():
    truth = stats.norm.cdf(0.8 / np.sqrt(2))
    intervals = [
        estimate(Scores(*(of[None] for of in drawn(60, 60, 0.8, seed))), 400, seed)
        for seed in range(300)
    ]
    assert 0.90 < np.mean([of.low <= truth <= of.high for of in intervals]) < 0.985


def test_of_several_trainings_the_mean_is_estimated_and_each_is_told():
    each = [drawn(80, 50, shift, seed) for seed, shift in enumerate([0.2, 1.0, 3.0])]
    scores = Scores(*(np.stack(of) for of in zip(*each, strict=True)))
    assert aucs(scores) == [auc(*of) for of in each]
    found = estimate(scores, 500, 0)
    assert found.value == pytest.approx(np.mean(aucs(scores)))
    resampled = np.mean([bootstrap(*of, 500, 0) for of in each], axis=0)
    assert found[1:] == pytest.approx(np.percentile(resampled, [2.5, 97.5]))


def test_differences_are_paired_by_image():
    normal, anomalous = drawn(100, 100, 0.8)
    noise = np.random.default_rng(1).standard_normal((2, 100))
    scores = Scores(normal[None], anomalous[None])
    worse = Scores((normal + 0.3 * noise[0])[None], (anomalous + 0.3 * noise[1])[None])
    found = difference(scores, worse, 2000, 0)
    assert found.value == pytest.approx(auc(normal, anomalous) - aucs(worse)[0])
    alone = [estimate(of, 2000, 0) for of in (scores, worse)]
    assert found.high - found.low < 0.5 * min(of.high - of.low for of in alone)
    reverse = difference(worse, scores, 2000, 0)
    assert reverse == pytest.approx((-found.value, -found.high, -found.low))
    assert difference(scores, scores, 100, 0) == (0, 0, 0)
    trainings = Scores(*(np.repeat(of, 3, axis=0) for of in worse))
    assert difference(scores, trainings, 2000, 0) == pytest.approx(found)


def test_a_likelihood_may_prefer_the_foreign_images():
    normal, anomalous = (of[None] for of in drawn(80, 60, 1.5))
    own = preference(Scores(normal, anomalous), 300, 0)
    foreign = preference(Scores(anomalous, normal), 300, 0)
    assert (own.verdict, foreign.verdict) == (roc.OWN, roc.FOREIGN)
    assert own.higher == (anomalous < np.median(normal)).mean()
    assert foreign.higher == (normal < np.median(anomalous)).mean() > 0.9
    assert foreign.auc.value == pytest.approx(1 - own.auc.value)
    unknown = preference(Scores(*(of[None] for of in drawn(80, 60, 0.0))), 300, 0)
    assert unknown.verdict == roc.UNDECIDED


def test_a_preference_is_that_of_all_trainings():
    normal, anomalous = drawn(200, 200, 2.0)
    own = Scores(np.stack([normal] * 5), np.stack([anomalous] * 4 + [anomalous - 2.4]))
    found = preference(own, 300, 0)
    assert found.auc.low > 0.5 > found.aucs[-1]
    assert found.verdict == roc.UNDECIDED
    foreign = preference(Scores(*own[::-1]), 300, 0)
    assert foreign.auc.high < 0.5 < foreign.aucs[-1]
    assert foreign.verdict == roc.UNDECIDED


def test_extremes_begin_with_the_most_extreme():
    lowest, highest = extremes(np.array([3.0, 1.0, 5.0, 1.0, 4.0, 5.0]), 3)
    assert (lowest.tolist(), highest.tolist()) == ([1, 3, 0], [2, 5, 4])


@pytest.mark.parametrize(
    "ask",
    [
        lambda: auc(np.zeros(0), np.ones(3)),
        lambda: curve(np.ones(3), np.zeros(0)),
        lambda: bootstrap(np.zeros(0), np.ones(3), 10, 0),
        lambda: auc(np.array([0.0, np.nan]), np.ones(3)),
        lambda: bootstrap(np.ones(3), np.array([np.inf]), 10, 0),
        lambda: extremes(np.ones(3), 4),
        lambda: extremes(np.ones(3), 0),
        lambda: difference(
            Scores(np.ones((1, 3)), np.ones((1, 2))), Scores(np.ones((1, 3)), np.ones((1, 3))), 9, 0
        ),
    ],
)
def test_what_cannot_be_scored_is_refused(ask):
    with pytest.raises(InputError):
        ask()
