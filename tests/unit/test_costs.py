"""Costs: what is read from benchmark files and logs, and what follows from it."""

import re

import pytest
from conftest import ROOT

from vaepipe import costs
from vaepipe.config import load_params
from vaepipe.core.errors import InputError

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
LOG = """\
2026-11-21 14:31:42,218 device: cpu, AMD EPYC; threads: 1 of 2
2026-11-21 14:31:42,396 600 training and 78 test images
2026-11-21 14:31:42,416 seed 0 epoch 1/3: train 5.28, test 5.91 nats per image, 2.00 s, expected end 2026
2026-11-21 14:31:42,429 seed 0 epoch 2/3: train 5.39, test 5.18 nats per image, 3.00 s, expected end 2026
2026-11-21 14:31:42,429 seed 0 epoch 3/3: train 5.39, test 5.18 nats per image, 7.00 s, expected end 2026
"""  # noqa: E501


@pytest.fixture
def params():
    return load_params(ROOT / "params.yaml")


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def benchmark(place: str, seconds: float, memory: str) -> None:
    path = costs.BENCHMARKS / f"{place}.tsv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00:00\t{memory}\t1\t1\t1\t0\t0\t90\t1\n")


def log(place: str, text: str) -> None:
    path = costs.LOGS / f"{place}.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_places_are_those_of_the_rules():
    text = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    stated = {}
    for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]:
        place = re.search(r'benchmark:\n +"logs/benchmarks/(.+)\.tsv"', rule)[1]
        assert f'log:\n        "logs/{place}.log"' in rule
        stated[rule.split(":")[0]] = re.sub(r"\{(sample|dataset|variant)\}", "{name}", place)
    del stated["costs"]
    assert stated == costs.PLACES


def test_time_memory_and_epochs_of_a_variant(params):
    log("results/letters/models/vae_2", LOG)
    benchmark("results/letters/models/vae_2", 30.0, "100.0")
    benchmark("results/letters/evaluations/vae_2", 10.0, "200.0")
    benchmark("results/letters/figures/vae_2", 0.4, "3.0")
    benchmark("results/letters/models/vae_10", 50.0, "NA")
    benchmark("results/report", 5.0, "50.0")
    nodes, missing = costs.measured(params)
    assert len(nodes) == 5
    assert "train (4)" in missing and "letters_compare (1)" in missing

    train = next(row for row in costs.of_rules(nodes) if row["rule"] == "train")
    assert train == {"rule": "train", "nodes": 2, "seconds": 80.0, "memory": 104.8576}
    (variant,) = costs.of_variants(nodes)
    assert variant["seconds"] == {"train": 30.0, "evaluate": 10.0, "letters_figures": 0.4}
    assert variant["memory"] == 209.7152
    assert variant["device"] == "cpu, AMD EPYC; threads: 1 of 2"
    assert variant["epoch"] == 3.0 and variant["images_per_second"] == 200.0
    assert costs.estimate(costs.of_rules(nodes), [variant]) == {
        "once": None,
        "variant": 40.4,
        "longest": 40.4,
        "memory": 209.7152,
    }


def test_memory_of_a_run_too_short_to_be_sampled_is_unknown(params):
    benchmark("results/report", 0.3, "3.0")
    nodes, _ = costs.measured(params)
    assert nodes[0].memory is None


def test_few_nodes_without_a_measurement_are_named(params):
    for rule, name, place in costs._nodes(params):
        if (rule, name) not in (("evaluate", "vae_10"), ("report", "")):
            benchmark(place, 1.0, "1.0")
    nodes, missing = costs.measured(params)
    assert missing == ["evaluate vae_10", "report"]
    assert costs.estimate(costs.of_rules(nodes), [])["once"] is None
    benchmark("results/report", 2.0, "1.0")
    nodes, _ = costs.measured(params)
    assert costs.estimate(costs.of_rules(nodes), [])["once"] == 4 + 1 + 2


def test_a_resumed_training_is_not_measured_whole(params):
    train = "results/letters/models/vae_2"
    benchmark("results/report", 1.0, "1.0")
    log(train, f"2026-11-21 14:31:42,218 seed 0: resumed after epoch 7\n{LOG}")
    benchmark(train, 1.0, "1.0")
    assert [node.rule for node in costs.measured(params)[0]] == ["report"]


def test_nothing_measured(params):
    with pytest.raises(InputError, match="nothing measured"):
        costs.measured(params)


@pytest.mark.parametrize(
    "content", ["", "s\tmax_rss\n", "s\tmax_rss\nlong\t1\n", "a\n1\n", "s\tmax_rss\nnan\t1\n"]
)
def test_a_damaged_benchmark_file_is_named(params, content):
    benchmark("results/report", 1, "1")
    (costs.BENCHMARKS / "results/report.tsv").write_text(content)
    with pytest.raises(InputError, match=r"results/report\.tsv: not a benchmark file"):
        costs.measured(params)


def test_charts_of_many_variants_are_split(params):
    row = {
        "name": "vae",
        "seconds": dict.fromkeys(costs.OF_A_VARIANT, 1.0),
        "memory": None,
        "epochs": (),
        "epoch": None,
    }
    assert "<svg" in costs.variant_chart([row] * costs.ROWS, [row] * 100)
