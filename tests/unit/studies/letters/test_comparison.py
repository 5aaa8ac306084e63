import pandas as pd
import pytest

from vaepipe.core.errors import InputError
from vaepipe.measures.verdicts import compare as compare_pairs
from vaepipe.studies.letters.comparison import compare, table, warmups


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
    found = {(c["variant"], c["other"]): c["verdict"] for c in result["comparisons"]}
    assert found == {("a", "z"): "worse", ("m", "z"): "not decided"}
    assert [row["measures"]["elbo"]["mean"] for row in result["variants"]] == [-5.0, -50.0, -5.5]
    assert result["best"] == {"elbo": ["z", "m"]}
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
    def row(name, warmup, latent=20, **parts):
        return {
            "name": name,
            "parts": PARTS | parts,
            "model": {"latent": latent},
            "training": {"batch_size": 200, "warmup_epochs": warmup},
        }

    rows = [row("other", 0, latent=2), row("cold", 0), row("warm", 5)]
    assert warmups(rows) == [("warm", "cold")]
    assert warmups(rows[2:]) == []
    assert warmups([row("cold", 0, objective="mmd"), rows[2]]) == []


def test_table_and_bold_judge_all_pairs_as_one_set():
    training = {"batch_size": 200, "warmup_epochs": 0}
    config = PARTS | {"model": {"latent": 2}, "training": training}
    configs = {name: dict(config) for name in ("base", "cold", "warm")}
    configs["cold"]["model"] = configs["warm"]["model"] = {"latent": 20}
    configs["warm"]["training"] = training | {"warmup_epochs": 5}
    measured = results(base=[-5.0, -5.1, -5.3], cold=[-5.2, -5.0, -5.1], warm=[-3.0, -3.2, -3.1])
    result = table(configs, measured, {"baseline": "base", "measures": ["elbo"]})
    values = {name: rows["value"].tolist() for name, rows in measured.groupby("variant")}
    expected = compare_pairs(values, "elbo")
    pairs = [("cold", "base"), ("warm", "base"), ("warm", "cold")]
    assert result["comparisons"] == [
        {"variant": name, "other": other, **expected[name, other]._asdict()}
        for name, other in pairs
    ]
    assert result["best"] == {"elbo": ["warm"]}
