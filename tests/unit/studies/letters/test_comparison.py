import numpy as np
import pandas as pd
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_json
from vaepipe.measures.verdicts import Contrast, difference, judge
from vaepipe.studies.letters.comparison import (
    at_step,
    batch_pairs,
    compare,
    differences,
    read_sweeps,
    squares,
    table,
    warmups,
)


def results(**values) -> pd.DataFrame:
    """A table of ELBOs, one a seed."""
    rows = [
        ("letters", variant, seed, "elbo", value)
        for variant, series in values.items()
        for seed, value in enumerate(series)
    ]
    return pd.DataFrame(rows, columns=["study", "variant", "seed", "measure", "value"])


PARTS = {"kind": "vae", "body": "mlp", "objective": "elbo", "likelihood": "bernoulli"}


def config(latent=20, learning_rate=0.003, warmup_epochs=0, batch_size=200, **parts) -> dict:
    return {
        **PARTS,
        **parts,
        "parameters": 7,
        "steps": 600 // batch_size,
        "model": {"latent": latent},
        "training": {
            "batch_size": batch_size,
            "learning_rate": learning_rate,
            "warmup_epochs": warmup_epochs,
            "epochs": 3,
        },
    }


def row(name, **settings) -> dict:
    made = config(**settings)
    training = {key: value for key, value in made["training"].items() if key != "epochs"}
    parts = {key: made[key] for key in PARTS}
    return {"name": name, "parts": parts, "model": made["model"], "training": training}


NAMES = ("a", "m", "z", "base", "late", "neither", "slow", "warm", "both")
IMAGES = {name: np.random.default_rng(i).random(30) for i, name in enumerate(NAMES)}


def test_table_keeps_the_order_and_compares_with_the_baseline():
    measured = results(a=[-49.0, -51.0], m=[-4.5, -6.5], stranger=[0.0, 0.1], z=[-4.0, -6.0])
    settings = {"baseline": "z", "measures": ["elbo"]}
    configs = {"z": config(latent=2), "a": config(latent=3), "m": config(latent=2, batch_size=9)}
    result = table(configs, measured, IMAGES, dict.fromkeys(configs, np.zeros((2, 3))), settings)
    assert [row["name"] for row in result["variants"]] == ["z", "a", "m"]
    assert [row["parameters"] for row in result["variants"]] == [7, 7, 7]
    found = {(c["variant"], c["other"]): c["verdict"] for c in result["comparisons"]}
    assert found == {("a", "z"): "worse", ("m", "z"): "not decided"}
    assert [c["differs"] for c in result["comparisons"]] == [
        [{"setting": "latent", "value": 3, "other": 2}],
        [{"setting": "batch_size", "value": 9, "other": 200}],
    ]
    assert [row["measures"]["elbo"]["mean"] for row in result["variants"]] == [-5.0, -50.0, -5.5]
    assert result["best"] == {"elbo": ["z", "m"]}
    assert result["baseline"] == "z"
    assert [column["label"] for column in result["columns"]] == ["ELBO"]


def test_a_folder_of_no_variant_or_data_set_enters_no_comparison(tmp_path):
    folders = [tmp_path / name for name in ("models", "evaluations", "analyses", "baselines")]
    for stranger in (*folders, tmp_path / "figures"):
        (stranger / "vae_old").mkdir(parents=True)
        with pytest.raises(InputError, match=rf"Move \S+/{stranger.name}/vae_old elsewhere"):
            compare({"variants": ["vae_2"], "datasets": ["letters"]}, *folders)
        (stranger / "vae_old").rmdir()


def test_what_differs_is_read_from_the_configurations():
    found = differences(row("a", latent=2, body="conv"), row("b", latent=3, warmup_epochs=4))
    assert {of["setting"]: (of["value"], of["other"]) for of in found} == {
        "body": ("conv", "mlp"),
        "latent": (2, 3),
        "warmup_epochs": (0, 4),
    }


def test_a_warm_up_is_compared_with_the_same_model_without():
    cold, warm = row("cold"), row("warm", warmup_epochs=5)
    rows = [row("other", latent=2), cold, warm, row("longer", warmup_epochs=9)]
    assert warmups(rows) == [("warm", "cold"), ("longer", "cold")]
    for other in ({"latent": 2}, {"objective": "mmd"}, {"learning_rate": 0.1}, {"batch_size": 1}):
        assert warmups([row("cold", **other), warm]) == []


SQUARE = {
    "both": config(learning_rate=0.001, warmup_epochs=5),
    "neither": config(),
    "warm": config(warmup_epochs=5),
    "slow": config(learning_rate=0.001),
}


def test_a_square_is_all_four_of_two_learning_rates_and_a_warm_up():
    rows = [
        row(n, **{k: c["training"][k] for k in ("learning_rate", "warmup_epochs")})
        for n, c in SQUARE.items()
    ]
    assert squares(rows) == [("neither", "slow", "warm", "both")]
    for missing in range(4):
        assert squares(rows[:missing] + rows[missing + 1 :]) == []
    longer = row("longer", learning_rate=0.001, warmup_epochs=6)
    assert squares([longer, *rows[1:]]) == []


def test_all_verdicts_are_one_set():
    measured = results(
        neither=[-5.2, -5.0, -5.1],
        slow=[-4.2, -4.0, -4.4],
        warm=[-3.0, -3.2, -3.1],
        both=[-1.0, -1.4, -1.1],
        base=[-5.0, -5.1, -5.3],
        late=[-5.0, -5.1, -5.4],
    )
    configs = {"base": config(latent=9), "late": config(latent=9, warmup_epochs=2)} | SQUARE
    drifts = {"base": 0.0, "late": 9.0, "neither": 1.0, "slow": 1.01, "warm": 1.5, "both": 8.0}
    falls = {name: np.array([[9.0, by / 2, 0.0]] * 3) for name, by in drifts.items()}
    result = table(configs, measured, IMAGES, falls, {"baseline": "neither", "measures": ["elbo"]})
    values = {name: rows["value"].tolist() for name, rows in measured.groupby("variant")}
    pairs = [(name, "neither") for name in ("base", "late", "both", "warm", "slow")]
    pairs.append(("late", "base"))
    square = [values[name] for name in ("neither", "slow", "warm", "both")]
    expected = judge(
        [difference("elbo", values[name], values[other]) for name, other in pairs]
        + [
            Contrast("elbo", square, weights)
            for weights in ((-0.5, 0.5, -0.5, 0.5), (-0.5, -0.5, 0.5, 0.5), (1, -1, -1, 1))
        ]
    )
    found = [(c["variant"], c["other"], c["difference"], c["p"]) for c in result["comparisons"]]
    assert found == [
        (*pair, of.difference, of.p) for pair, of in zip(pairs, expected, strict=False)
    ]
    (crossed,) = result["squares"]
    assert crossed["variants"] == ["neither", "slow", "warm", "both"]
    effects = dict(zip(("learning_rate", "warmup", "interaction"), expected[6:], strict=True))
    for name, of in effects.items():
        assert crossed["effects"][name].items() >= of._asdict().items()
    assert [of["drift"] for of in crossed["effects"].values()] == pytest.approx(
        [3.255, 3.745, 6.49]
    )
    for of in (*result["comparisons"], *crossed["effects"].values()):
        assert of["settled"] == (abs(of["drift"]) <= (of["high"] - of["low"]) / 2)
    assert {of["settled"] for of in result["comparisons"]} == {True, False}
    assert result["comparisons"][-1]["drift"] == pytest.approx(9)
    assert result["window"] == 2
    gaps = IMAGES["late"] - IMAGES["base"]
    expected = gaps.std(ddof=1) / np.sqrt(30)
    assert result["comparisons"][-1]["image_error"] == pytest.approx(expected)
    assert crossed["effects"]["warmup"]["difference"] == pytest.approx(
        (-3.1 - 1.1666666 + 5.1 + 4.2) / 2
    )
    assert result["warmups"] == [("late", "base")]


def test_another_batch_is_compared_after_as_many_epochs_and_as_many_steps():
    rows = [
        row("first"),
        row("small", batch_size=100),
        row("other", latent=2),
        row("big", batch_size=300),
    ]
    assert batch_pairs(rows) == [("small", "first"), ("big", "first")]
    measured = results(base=[-9.0, -9.1], neither=[-5.0, -5.4], warm=[-4.0, -4.2])
    configs = {
        "base": config(latent=9),
        "neither": config(),
        "warm": config(batch_size=100),
    }
    objectives = {
        "base": np.ones((2, 3)),
        "neither": np.array([[9.0, 7.0, 6.0], [9.0, 7.0, 6.4]]),
        "warm": np.array([[8.0, 4.0, 3.0], [8.0, 5.0, 3.0]]),
    }
    settings = {"baseline": "base", "measures": ["elbo"]}
    result = table(configs, measured, IMAGES, objectives, settings)
    pairs = [(c["variant"], c["other"]) for c in result["comparisons"]]
    assert pairs == [("neither", "base"), ("warm", "base"), ("warm", "neither")]
    (found,) = result["equal_steps"]
    assert (found["variant"], found["other"], found["steps"]) == ("warm", "neither", 9)
    expected = difference("elbo", [-6.0, -6.5], [-6.0, -6.4])  # of epoch 1.5 and epoch 3
    everything = [
        difference("elbo", *(measured[measured["variant"] == n]["value"].tolist() for n in pair))
        for pair in pairs
    ]
    assert found.items() >= judge([*everything, expected])[-1]._asdict().items()


def test_between_epochs_an_objective_runs_straight():
    objective = np.array([[10.0, 6.0, 5.0]])
    steps = (1, 4, 6, 8, 11, 12, 99)
    assert [at_step(objective, 4, step)[0] for step in steps] == [10, 10, 8, 6, 5.25, 5, 5]


def test_sweeps_of_other_levels_are_not_drawn_together(tmp_path):
    for name, levels in (("a", [0.0, 0.1]), ("b", [0.0, 0.2])):
        (tmp_path / name).mkdir()
        sweep = {"levels": levels, "noisy": [9.0, 8.0], "mean_image": 7.0}
        sweep["decoded"] = [[1.0, 2.0]]
        write_json(tmp_path / name / "noise_sweep.json", sweep)
    assert read_sweeps(tmp_path, ["a"])["a"]["decoded"] == [[1.0, 2.0]]
    with pytest.raises(InputError, match=r"b/noise_sweep\.json: has other levels than that of a"):
        read_sweeps(tmp_path, ["a", "b"])
