import numpy as np
import pytest

from vaepipe.figures import shares
from vaepipe.figures.curves import read_history
from vaepipe.studies.cartoons.comparison import (
    JUDGED,
    comparisons,
    draw_attributes,
    estimates,
    losses_of,
    samples,
    ways,
)
from vaepipe.studies.cartoons.figures import MEASURED, WAYS


def spread(*values):
    return {"mean": np.mean(values), "std": np.std(values, ddof=1), "values": list(values)}


def test_losses_are_those_of_the_last_epoch_the_last_batches_and_the_test_images(tmp_path):
    history, batches = tmp_path / "history.csv", tmp_path / "batches.csv"
    rows = [
        f"{seed},{epoch},{split},{seed + 10 / epoch + (split == 'test')},0,0.1\n"
        for seed in (0, 4)
        for epoch in (1, 2)
        for split in ("train", "test")
    ]
    history.write_text("seed,epoch,split,total,l2,total_per_pixel\n" + "".join(rows))
    rows = [f"{s},{1 + i // 3},{i + 1},{s + i}\n" for s in (0, 4) for i in range(6)]
    batches.write_text("seed,epoch,step,total\n" + "".join(rows))
    found = losses_of(read_history(history), batches, 2)
    assert found["last"]["values"] == [5, 9] and found["test"]["values"] == [6, 10]
    assert found["moving"]["values"] == [4.5, 8.5] and found["batch"]["values"] == [1, 1]
    assert (found["window"], found["moved"]) == (2, -5)


def test_ways_are_told_at_their_middle_and_at_their_ends():
    generator = np.random.default_rng(0)
    arrays = {f"{way}_way": generator.random((2, len(MEASURED), 5)) for way in WAYS}
    arrays |= {
        "between": np.array([[1, 0.5, 0.25], [0, 0.5, 0.75]]),
        "norms": np.array([[1, 2], [3, 4]]),
    }
    found = ways(arrays, {"pairs": 7, "data_nearest": 0.25})
    row = arrays["blend_way"][:, MEASURED.index("nearest")]
    assert found["blend"]["nearest"]["middle"]["values"] == row[:, 2].tolist()
    assert found["blend"]["nearest"]["ends"]["values"] == row[:, [0, 4]].mean(1).tolist()
    assert found["linear"]["between"]["values"] == [1, 0]
    assert found["spherical"]["norm"]["values"] == [2, 4]
    assert found["central"]["values"] == [0.25, 0.75]
    assert "between" not in found["blend"]
    assert (found["pairs"], found["data_nearest"]) == (7, 0.25)


def test_errors_of_estimates_are_root_mean_squares():
    arrays = {"estimates": np.array([[2.0, 4.0], [3.0, 3.0]])}
    found = estimates(arrays, {"draws": [1, 2], "reconstruction": 3.0})
    assert found == {"draws": [1, 2], "errors": [1.0, 0.0], "reconstruction": 3.0}


def test_sharpness_is_told_for_each_deviation():
    arrays = {"sharpness": np.array([[0.1, 0.2], [0.3, 0.4]])}
    found = samples(arrays, {"deviations": [0.8, 1.0]})
    assert [of["deviation"] for of in found] == [0.8, 1.0]
    assert found[1]["sharpness"]["mean"] == pytest.approx(0.3)


def test_a_lower_loss_is_better_and_a_higher_elbo(monkeypatch):
    low, high = spread(1.0, 1.1, 0.9, 1.0), spread(9.0, 9.1, 8.9, 9.0)
    measured = {"long": dict.fromkeys(JUDGED, low), "short": dict.fromkeys(JUDGED, high)}
    found = {of["measure"]: of for of in comparisons(measured, "long")}
    assert found.keys() == set(JUDGED)
    assert {of["variant"] for of in found.values()} == {"short"}
    assert found["last_loss"]["verdict"] == "worse" and found["elbo"]["verdict"] == "better"
    assert found["last_loss"]["difference"] == pytest.approx(8)


def test_shares_of_one_variant_are_drawn_with_their_intervals(monkeypatch):
    drawn = []
    monkeypatch.setattr(shares, "by_value", lambda *given: drawn.append(given))

    def of(share):
        return {"share": share, "low": share - 0.1, "high": share + 0.1}

    def row(variant, deviation, name, share):
        told = {"true": of(0.3), "test": of(0.4), "samples": of(share)}
        value = {"value": "brown"} | told
        return {"variant": variant, "deviation": deviation, "name": name, "values": [value]}

    rows = [row(v, d, "hair_colour", s) for v in "ab" for d, s in ((0.8, 0.5), (1.0, 0.7))]
    draw_attributes(None, rows, "b", {})
    _, panels, trivial, _ = drawn[0]
    ((title, panel),) = panels.items()
    assert title == "hair colour" and panel.values == ["brown"]
    assert list(panel.shares) == [*trivial, "samples, σ = 0.8", "samples, σ = 1"]
    assert panel.shares["samples, σ = 1"].tolist() == [[0.7, pytest.approx(0.6), 0.7 + 0.1]]
