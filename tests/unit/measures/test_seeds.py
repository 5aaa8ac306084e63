import pytest

from vaepipe.measures.seeds import headline, significant, spread, summarise

HEADLINE = ("elbo", "iw_bound", "active_units", "psnr", "ssim", "knn_accuracy")


def test_summary_has_mean_and_sample_deviation():
    measures = [dict.fromkeys((*HEADLINE, "kl"), value) for value in (1.0, 2.0, 6.0)]
    summary = summarise([4, 5, 6], measures)
    assert summary["seeds"] == [4, 5, 6]
    assert summary["measures"]["elbo"]["mean"] == 3.0
    assert summary["measures"]["elbo"]["std"] == pytest.approx(7**0.5)
    assert summary["measures"]["elbo"]["values"] == [1.0, 2.0, 6.0]
    assert summary["measures"]["elbo"] == spread([1.0, 2.0, 6.0])
    assert headline(summary, HEADLINE) == dict.fromkeys(HEADLINE, 3.0)
    assert list(headline(summary, ["kl", "elbo"])) == ["kl", "elbo"]


def test_one_seed_has_no_deviation():
    assert summarise([0], [{"elbo": 1.0}])["measures"]["elbo"]["std"] is None


@pytest.mark.parametrize(
    ("value", "expected"), [(-157.2684, -157.3), (0.123456, 0.1235), (0.0, 0.0), (12346.0, 12350.0)]
)
def test_significant_digits(value, expected):
    assert significant(value, 4) == expected
