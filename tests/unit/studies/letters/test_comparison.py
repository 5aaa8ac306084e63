import pandas as pd
import pytest

from vaepipe.core.errors import InputError
from vaepipe.studies.letters.comparison import compare, table, warmups


def measure(mean, std=1.0):
    return {"mean": mean, "std": std}


def results(**values) -> pd.DataFrame:
    """A table of ELBOs, one a seed."""
    rows = [
        ("letters", variant, seed, "elbo", value)
        for variant, series in values.items()
        for seed, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=["study", "variant", "seed", "measure", "value"])


PARTS = {"kind": "vae", "body": "mlp", "objective": "elbo", "likelihood": "bernoulli"}


def test_table_keeps_the_order_and_compares_with_the_baseline():
    config = PARTS | {"model": {"latent": 2}, "training": {"batch_size": 200, "warmup_epochs": 0}}
    measured = results(a=[-49.0, -51.0], m=[-4.5, -6.5], stranger=[0.0, 0.1], z=[-4.0, -6.0])
    settings = {"baseline": "z", "measures": ["elbo"]}
    result = table(dict.fromkeys("zam", config), measured, settings)
    assert [row["name"] for row in result["variants"]] == ["z", "a", "m"]
    assert [row["compare"] for row in result["variants"]] == ["unclear", "worse", "unclear"]
    assert [row["measures"]["elbo"]["mean"] for row in result["variants"]] == [-5.0, -50.0, -5.5]
    assert result["best"] == {"elbo": "z"}
    assert result["baseline"] == "z"
    assert [column["label"] for column in result["columns"]] == ["ELBO"]


def test_a_folder_of_no_variant_enters_no_comparison(tmp_path):
    folders = [tmp_path / name for name in ("models", "evaluations", "analyses")]
    for stranger in (*folders, tmp_path / "figures"):
        (stranger / "vae_old").mkdir(parents=True)
        with pytest.raises(InputError, match=rf"Move \S+/{stranger.name}/vae_old elsewhere"):
            compare({"variants": ["vae_2"]}, *folders)
        (stranger / "vae_old").rmdir()


def test_a_warm_up_is_compared_with_the_same_model_without():
    def row(name, warmup, elbo, informative, latent=20, **parts):
        return {
            "name": name,
            "parts": PARTS | parts,
            "model": {"latent": latent},
            "training": {"batch_size": 200, "warmup_epochs": warmup},
            "measures": {"elbo": measure(elbo), "informative_latents": measure(informative)},
        }

    rows = [row("other", 0, -1, 9, latent=2), row("cold", 0, -10, 6), row("warm", 5, -5, 7)]
    assert warmups(rows) == [
        {"variant": "warm", "partner": "cold", "elbo": "better", "informative_latents": "unclear"}
    ]
    assert warmups(rows[2:]) == []
    assert warmups([row("cold", 0, -10, 6, objective="mmd"), rows[2]]) == []
