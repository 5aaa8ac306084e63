import numpy as np
import pandas as pd
import pytest

from vaepipe.core.errors import InputError
from vaepipe.generative.comparison import (
    by_epoch,
    compare,
    errors,
    latent_space,
    moves,
    table,
)
from vaepipe.measures.catalogue import CATALOGUE, OF_KIND
from vaepipe.measures.verdicts import difference, judge
from vaepipe.studies.digits.comparison import JUDGED

PARTS = {"kind": "vae", "body": "conv", "objective": "elbo", "likelihood": "bernoulli"}
MODEL = {"latent": 2, "filters": [4, 8], "hidden": None, "activation": None}
TRAINING = {
    "epochs": 20,
    "batch_size": 50,
    "learning_rate": 0.001,
    "beta": 1.0,
    "warmup_epochs": 0,
    "draws": None,
    "mmd_weight": None,
}


def config(**training) -> dict:
    """With what config.json says beside what is printed."""
    return {
        **PARTS,
        "parameters": 7,
        "model": MODEL | {"deviation": None},
        "training": TRAINING | {"seeds": [0, 1], "device": "cpu"} | training,
    }


def results(seeds=3, **levels) -> pd.DataFrame:
    """A table of all measures, each near the level of its variant."""
    generator = np.random.default_rng(0)
    rows = [
        ("digits", variant, seed, measure, level + 0.1 * generator.random())
        for variant, level in levels.items()
        for measure in OF_KIND["vae"]
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=["study", "variant", "seed", "measure", "value"])


SETTINGS = {"baseline": "base", "measures": ["kl", "elbo"]}


def values(measured: pd.DataFrame, variant: str, measure: str) -> list[float]:
    chosen = (measured["variant"] == variant) & (measured["measure"] == measure)
    return measured[chosen]["value"].tolist()


def test_each_variant_is_compared_with_the_baseline_by_all_judged_measures_in_one_set():
    measured = results(other=1.0, base=1.05, last=5.0, stranger=0.0)
    configs = {"other": config(), "base": config(), "last": config()}
    found = table(configs, measured, JUDGED, SETTINGS)["comparisons"]
    pairs = [(name, measure) for name in ("other", "last") for measure in JUDGED]
    assert [(c["variant"], c["measure"]) for c in found] == pairs
    assert {c["other"] for c in found} == {"base"}
    expected = judge(
        [
            difference(measure, values(measured, name, measure), values(measured, "base", measure))
            for name, measure in pairs
        ]
    )
    for of, comparison in zip(found, expected, strict=True):
        assert of.items() >= comparison._asdict().items()
    alone = judge([difference("elbo", *(values(measured, n, "elbo") for n in ("last", "base")))])
    assert found[5]["p"] > alone[0].p  # adjusted for the whole set
    verdicts = {c["measure"]: c["verdict"] for c in found if c["variant"] == "last"}
    assert verdicts == {
        "elbo": "better",
        "reconstruction": "worse",
        "prior_discrepancy": "worse",
        "frechet": "worse",
        "knn_accuracy": "better",
    }


def test_the_table_keeps_the_order_and_says_of_each_variant_what_it_is():
    measured = results(base=1.0, other=3.0)
    configs = {"other": config(beta=None, mmd_weight=9.0), "base": config()}
    found = table(configs, measured, JUDGED, SETTINGS)
    assert [row["name"] for row in found["variants"]] == ["other", "base"]
    (row, _) = found["variants"]
    assert row["parameters"] == 7 and row["parts"] == PARTS and row["model"] == MODEL
    assert row["training"] == TRAINING | {"beta": None, "mmd_weight": 9.0}
    assert row["measures"]["ssim"]["values"] == values(measured, "other", "ssim")
    assert found["baseline"] == "base"
    assert [column["name"] for column in found["columns"]] == ["kl", "elbo"]
    assert [column["name"] for column in found["judged"]] == list(JUDGED)
    assert found["best"]["elbo"] == ["other"] and found["best"]["frechet"] == ["base"]
    assert found["best"]["kl"] == []  # neither end is better


def test_a_single_variant_is_compared_with_none():
    found = table({"base": config()}, results(base=1.0), JUDGED, SETTINGS)
    assert found["comparisons"] == [] and len(found["variants"]) == 1


def test_every_judged_measure_has_a_better_end():
    assert all(CATALOGUE[name].better for name in JUDGED)


def history(**columns) -> dict[str, np.ndarray]:
    """Of two seeds and two epochs; a column's values are those on the test split."""
    rows = [(s, e, of) for s in (0, 7) for e in (1, 2) for of in ("train", "test")]
    seeds, epochs, splits = (np.array(column) for column in zip(*rows, strict=True))
    found = {"seed": seeds.astype(float), "epoch": epochs.astype(float), "split": splits}
    for name, values in columns.items():
        found[name] = np.ravel([(-99.0, value) for value in values])
    return found


def test_objectives_by_epoch_are_on_the_test_split_and_under_the_name_of_what_they_are():
    histories = {
        "drawn": history(reconstruction=[9, 8, 7, 6], kl=[1, 2, 3, 4], total=[0, 0, 0, 0]),
        "matched": history(reconstruction=[5, 4, 3, 2], mmd=[1, 1, 1, 1]),
        "weighted": history(bound=[80, 70, 60, 50]),
        "also": history(bound=[81, 71, 61, 51]),
        "more": history(bound=[8, 7, 6, 5]),
    }
    draws = {"drawn": 1, "matched": None, "weighted": 5, "also": 5, "more": 50}
    found = by_epoch({name: config(draws=of) for name, of in draws.items()}, histories)
    listed = {
        term: {name: values.tolist() for name, (_, values) in of.items()}
        for term, of in found.items()
    }
    assert listed == {
        "ELBO": {"drawn": [[-10, -10], [-10, -10]]},
        "reconstruction": {"drawn": [[9, 8], [7, 6]], "matched": [[5, 4], [3, 2]]},
        "bound of 5 draws": {
            "weighted": [[-80, -70], [-60, -50]],
            "also": [[-81, -71], [-61, -51]],
        },
        "bound of 50 draws": {"more": [[-8, -7], [-6, -5]]},
    }
    assert all(e.tolist() == [1, 2] for of in found.values() for e, _ in of.values())


def test_a_variant_moves_by_the_difference_of_its_mean_curve():
    epochs = np.arange(1, 5)
    curves = np.array([[1.0, 2.0, 4.0, 9.0], [3.0, 2.0, 0.0, 11.0]])
    terms = {
        "ELBO": {"one": (epochs, -curves)},
        "reconstruction": {"one": (epochs, curves), "matched": (epochs, curves)},
    }
    assert moves(terms, 2) == {
        "one": {"term": "ELBO", "moved": -8.0},
        "matched": {"term": "reconstruction", "moved": 8.0},
    }
    assert moves(terms, 9)["one"]["moved"] == -8.0  # all there is
    assert moves(dict(reversed(terms.items())), 2) == moves(terms, 2)


def test_mmd_from_the_prior_compares_as_many_latents_alone():
    configs = {"base": config(), "wide": config(), "other": config()}
    configs["wide"]["model"] = MODEL | {"latent": 9}
    measured = results(base=1.0, wide=9.0, other=5.0)
    found = table(configs, measured, JUDGED, SETTINGS)
    pairs = [(c["variant"], c["measure"]) for c in found["comparisons"]]
    assert len(pairs) == 2 * len(JUDGED) - 1
    assert ("wide", "prior_discrepancy") not in pairs and ("other", "prior_discrepancy") in pairs
    assert found["best"]["prior_discrepancy"] == [] and found["best"]["elbo"] == ["wide"]


def test_classes_overlap_by_the_mean_of_both_ways_the_most_first():
    shares = np.array([[0.5, 0.1, 0.4], [0.3, 0.6, 0.1], [0.2, 0.0, 0.8]])
    arrays = {"confusion": shares, "kl_per_latent": np.array([[1.0, 4.0, 3.0], [9.0, 0.0, 0.0]])}
    found = latent_space(arrays, {"classes": ["4", "7", "9"], "explained": 0.9})
    assert found["kl_of_two"] == pytest.approx(7 / 8)  # of the first seed
    collapsed = arrays | {"kl_per_latent": np.zeros((1, 3))}
    assert latent_space(collapsed, {"classes": "479", "explained": 0.9})["kl_of_two"] == 0
    assert found["right"] == {"4": 0.5, "7": 0.6, "9": 0.8}
    assert [of["classes"] for of in found["pairs"]] == [["4", "9"], ["4", "7"], ["7", "9"]]
    assert [of["overlap"] for of in found["pairs"]] == pytest.approx([0.3, 0.2, 0.05])
    assert found["explained"] == 0.9


def test_errors_are_root_mean_squares_about_what_is_estimated():
    arrays = {
        "kl_estimates": np.array([[1.0, 5.0], [4.0, 2.0]]),
        "pathwise": np.array([[-1.0, -1.0], [-2.0, -2.0]]),
        "score": np.array([[-2.0, 6.0], [-5.0, -2.0]]),
    }
    found = errors(arrays, {"kl": 2.0, "gradient": -2.0, "gradient_draws": 5, "draws": [1, 9]})
    assert found["kl_estimates"] == pytest.approx([5**0.5, 2**0.5])
    assert found["pathwise"] == [1, 0]
    assert found["score"] == pytest.approx([32**0.5, 4.5**0.5])
    assert (found["draws"], found["kl"], found["gradient"]) == ([1, 9], 2.0, -2.0)


def test_a_folder_of_no_variant_enters_no_comparison(tmp_path):
    folders = [tmp_path / name for name in ("models", "evaluations", "analyses")]
    settings = {"variants": ["cvae_2"], "datasets": ["digits"]}
    for stranger in (*folders, tmp_path / "figures"):
        (stranger / "cvae_old").mkdir(parents=True)
        with pytest.raises(InputError, match=rf"Move \S+/{stranger.name}/cvae_old elsewhere"):
            compare("digits", JUDGED, settings, *folders, tmp_path / "judges")
        (stranger / "cvae_old").rmdir()
