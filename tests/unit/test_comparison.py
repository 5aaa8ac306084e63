import pytest

from vaepipe.comparison import best, check_folders, table, verdict, warmups
from vaepipe.core.errors import InputError
from vaepipe.summary import HEADLINE, headline, significant, summarise


def measure(mean, std=1.0):
    return {"mean": mean, "std": std}


def test_summary_has_mean_and_sample_deviation():
    measures = [dict.fromkeys(HEADLINE, value) for value in (1.0, 2.0, 6.0)]
    summary = summarise([4, 5, 6], measures)
    assert summary["seeds"] == [4, 5, 6]
    assert summary["measures"]["elbo"]["mean"] == 3.0
    assert summary["measures"]["elbo"]["std"] == pytest.approx(7**0.5)
    assert summary["measures"]["elbo"]["values"] == [1.0, 2.0, 6.0]
    assert headline(summary) == dict.fromkeys(HEADLINE, 3.0)


def test_one_seed_has_no_deviation():
    assert summarise([0], [{"elbo": 1.0}])["measures"]["elbo"]["std"] is None


@pytest.mark.parametrize(
    ("value", "expected"), [(-157.2684, -157.3), (0.123456, 0.1235), (0.0, 0.0), (12346.0, 12350.0)]
)
def test_significant_digits(value, expected):
    assert significant(value, 4) == expected


def test_verdict_needs_twice_the_spread_of_a_difference():
    spread = 2 * (3.0**2 + 4.0**2) ** 0.5
    baseline = measure(0.0, 4.0)
    assert verdict(measure(spread + 0.01, 3.0), baseline) == "better"
    assert verdict(measure(-spread - 0.01, 3.0), baseline) == "worse"
    assert verdict(measure(spread - 0.01, 3.0), baseline) == "unclear"
    assert verdict(measure(100.0, None), baseline) == "unknown"


def test_best_knows_which_way_is_up():
    measures = {
        "a": {"elbo": measure(-10), "mse": measure(0.2), "kl": measure(1)},
        "b": {"elbo": measure(-9), "mse": measure(0.3), "kl": measure(2)},
    }
    assert best(measures, "elbo") == "b"
    assert best(measures, "mse") == "a"
    assert best(measures, "kl") is None


def test_table_keeps_the_order_and_compares_with_the_baseline():
    config = {"model": {"latent": 2}, "training": {"batch_size": 200, "warmup_epochs": 0}}
    summaries = {
        name: {"measures": {"elbo": measure(mean)}, "input": {"psnr": 1.0}}
        for name, mean in (("z", -5.0), ("a", -50.0), ("m", -5.5))
    }
    result = table(dict.fromkeys(summaries, config), summaries, "z")
    assert [row["name"] for row in result["variants"]] == ["z", "a", "m"]
    assert [row["compare"] for row in result["variants"]] == ["unclear", "worse", "unclear"]
    assert result["best"] == {"elbo": "z"}


def test_a_folder_of_no_variant_is_refused_with_the_command_that_removes_it(tmp_path):
    parents = [tmp_path / kind for kind in ("models", "evaluations", "figures")]
    for parent in parents[:2]:
        for name in ("vae_2", "vae_old"):
            (parent / name).mkdir(parents=True)
    check_folders(parents, ["vae_2", "vae_old"])
    with pytest.raises(InputError, match=r"rm -r \S+/evaluations/vae_old \S+/models/vae_old$"):
        check_folders(parents, ["vae_2"])


def test_a_warm_up_is_compared_with_the_same_model_without():
    def row(name, warmup, elbo, informative, latent=20):
        return {
            "name": name,
            "model": {"latent": latent},
            "training": {"batch_size": 200, "warmup_epochs": warmup},
            "measures": {"elbo": measure(elbo), "informative_latents": measure(informative)},
        }

    rows = [row("other", 0, -1, 9, latent=2), row("cold", 0, -10, 6), row("warm", 5, -5, 7)]
    assert warmups(rows) == [
        {"variant": "warm", "partner": "cold", "elbo": "better", "informative_latents": "unclear"}
    ]
    assert warmups(rows[2:]) == []
