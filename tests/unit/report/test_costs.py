"""Costs: what is read from benchmark files and facts of logs, and what follows from it."""

import json
import re
from pathlib import Path

import pytest
from conftest import ROOT

from vaepipe.core.errors import InputError
from vaepipe.params import load_params
from vaepipe.report import costs

HEADER = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
DEVICE = "cpu, AMD EPYC; threads: 1 of 2"
FACTS = [
    {"device": DEVICE},
    {"images": 600},
    {"epoch_seconds": 2.0},
    {"epoch_seconds": 3.0},
    {"epoch_seconds": 7.0},
]
GRAPH = Path("graph.json")
ONCE = {
    "sample_emnist": ("letters", "data/sample/letters"),
    "ingest_emnist": ("letters", "data/interim/letters"),
    "prepare": ("letters", "data/processed/letters"),
    "judge": ("letters", "results/judges/letters"),
    "letters_describe": ("letters", "results/letters/data/letters"),
    "letters_baselines": ("letters", "results/letters/baselines/letters"),
}
OF_A_VARIANT = {
    "train": "results/letters/models",
    "evaluate": "results/letters/evaluations",
    "analyse": "results/letters/analyses",
    "letters_figures": "results/letters/figures",
}
LAST = {
    "letters_compare": ("", "results/letters/comparison"),
    "report": ("letters", "results/letters/report"),
    "full_report": ("", "results/report"),
}


def job(rule: str, name: str, variant: str | None, place: str) -> dict:
    places = {"log": f"logs/{place}.log", "benchmark": f"logs/benchmarks/{place}.tsv"}
    return {"rule": rule, "name": name, "variant": variant} | places


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    """The graph of the shipped params.yaml in the current folder; gives its jobs."""
    variants = load_params(ROOT / "params.yaml").studies.letters.variants
    monkeypatch.chdir(tmp_path)
    jobs = [
        *(job(rule, name, None, place) for rule, (name, place) in ONCE.items()),
        *(
            job(rule, name, name, f"{folder}/{name}")
            for rule, folder in OF_A_VARIANT.items()
            for name in variants
        ),
        *(job(rule, name, None, place) for rule, (name, place) in LAST.items()),
    ]
    GRAPH.write_text(json.dumps({"jobs": jobs}))
    return jobs


def benchmark(place: str, seconds: float, memory: str) -> None:
    path = Path(f"logs/benchmarks/{place}.tsv")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{HEADER}{seconds}\t0:00:00\t{memory}\t1\t1\t1\t0\t0\t90\t1\n")


def log(place: str, facts: list[dict], cut_off: str = "") -> None:
    path = Path(f"logs/{place}.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(fact)}\n" for fact in facts) + cut_off)


def test_the_log_and_the_benchmark_of_a_rule_lie_at_one_place():
    text = "\n".join(path.read_text() for path in (ROOT / "workflow/rules").glob("*.smk"))
    rules = {}
    for rule in re.split(r"^rule ", text, flags=re.MULTILINE)[1:]:
        name = rule.split(":")[0]
        if place := re.search(r'benchmark:\n +"logs/benchmarks/(.+)\.tsv"', rule):
            assert f'log:\n        "logs/{place[1]}.log"' in rule
            rules[name] = place[1]
    del rules["costs"]
    for file_format in ("idx", "cifar", "images"):
        assert rules.pop(f"sample_{file_format}") == rules["sample_emnist"]
    formats = ("idx", "npz", "cifar", "arrays", "images")
    others = [rules.pop(f"ingest_{file_format}") for file_format in formats]
    assert others == len(formats) * [rules["ingest_emnist"]]
    assert rules.pop("cartoons_attributes") == "results/cartoons/attributes/{dataset}"
    for study in ("digits", "objects", "cartoons"):
        own = {name: rules.pop(name) for name in list(rules) if name.startswith(f"{study}_")}
        for name, place in own.items():
            assert place == rules[name.replace(study, "letters")].replace("letters", study)
        assert len(own) == 3
    for study, beside in (
        ("denoise", {"methods": "denoised"}),
        ("faces", {"anomaly": "anomaly", "contrast": "contrast"}),
    ):
        own = {name: rules.pop(name) for name in list(rules) if name.startswith(f"{study}_")}
        for rule, folder in beside.items():
            assert own.pop(f"{study}_{rule}") == f"results/{study}/{folder}/{{dataset}}"
        for name, place in own.items():
            assert place == rules[name.replace(study, "letters")].replace("letters", study)
        assert len(own) == 3
    assert {name: re.sub(r"\{study\}", "letters", place) for name, place in rules.items()} == {
        **{rule: re.sub("letters$", wildcard, place) for rule, wildcard, place in once()},
        **{rule: f"{place}/{{variant}}" for rule, place in OF_A_VARIANT.items()},
        **{rule: place for rule, (_, place) in LAST.items()},
    }


def once():
    wildcards = ("{sample}", "{source}", *4 * ["{dataset}"])
    for (rule, (_, place)), wildcard in zip(ONCE.items(), wildcards, strict=True):
        yield rule, wildcard, place


def test_time_memory_and_epochs_of_a_variant(jobs):
    log("results/letters/models/vae_2", FACTS)
    benchmark("results/letters/models/vae_2", 30.0, "100.0")
    benchmark("results/letters/evaluations/vae_2", 10.0, "200.0")
    benchmark("results/letters/analyses/vae_2", 2.0, "50.0")
    benchmark("results/letters/figures/vae_2", 0.4, "3.0")
    benchmark("results/letters/models/vae_10", 50.0, "NA")
    benchmark("results/report", 5.0, "50.0")
    nodes = costs.read_nodes(GRAPH)
    assert [(n.rule, n.name, n.variant) for n in nodes] == [
        (j["rule"], j["name"], j["variant"]) for j in jobs
    ]
    assert len([node for node in nodes if node.seconds is not None]) == 6
    missing = costs.missing(nodes)
    assert "train (6)" in missing and "letters_compare (1)" in missing

    train = next(row for row in costs.of_rules(nodes) if row["rule"] == "train")
    assert train == {"rule": "train", "nodes": 2, "seconds": 80.0, "memory": 104.8576}
    (variant,) = costs.of_variants(nodes)
    assert variant["name"] == "vae_2"
    assert variant["seconds"] == {
        "train": 30.0,
        "evaluate": 10.0,
        "analyse": 2.0,
        "letters_figures": 0.4,
    }
    assert variant["memory"] == 209.7152
    assert variant["epochs"] == (2.0, 3.0, 7.0)
    assert variant["epoch"] == 3.0 and variant["images_per_second"] == 200.0
    trained = next(node for node in nodes if (node.rule, node.name) == ("train", "vae_2"))
    assert (trained.device, trained.images) == (DEVICE, 600)
    assert costs.estimate(nodes, [variant]) == {
        "once": None,
        "variant": 42.4,
        "longest": 42.4,
        "memory": 209.7152,
    }


def test_memory_of_a_run_too_short_to_be_sampled_is_unknown(jobs):
    benchmark("results/report", 0.3, "3.0")
    *_, report = costs.read_nodes(GRAPH)
    assert report.seconds == 0.3 and report.memory is None


def test_few_nodes_without_a_measurement_are_named(jobs):
    for entry in jobs:
        if (entry["rule"], entry["name"]) not in (("evaluate", "vae_10"), ("full_report", "")):
            benchmark(entry["log"].removeprefix("logs/").removesuffix(".log"), 1.0, "1.0")
    nodes = costs.read_nodes(GRAPH)
    assert costs.missing(nodes) == ["evaluate vae_10", "full_report"]
    assert costs.estimate(nodes, [])["once"] is None
    assert "vae_10" not in [row["name"] for row in costs.of_variants(nodes)]
    benchmark("results/report", 2.0, "1.0")
    assert costs.estimate(costs.read_nodes(GRAPH), [])["once"] == 6 + 2 + 2


def test_a_resumed_training_is_not_measured_whole(jobs):
    train = "results/letters/models/vae_2"
    benchmark("results/report", 1.0, "1.0")
    log(train, [*FACTS[:2], {"resumed": 7}, *FACTS[2:]])
    benchmark(train, 1.0, "1.0")
    measured = [node for node in costs.read_nodes(GRAPH) if node.seconds is not None]
    assert [node.rule for node in measured] == ["full_report"]


def test_a_fact_that_a_kill_has_cut_off_is_left_out(jobs):
    train = "results/letters/models/vae_2"
    benchmark(train, 1.0, "1.0")
    log(train, FACTS, cut_off='{"epoch_sec')
    node = next(node for node in costs.read_nodes(GRAPH) if node.seconds)
    assert node.epochs == (2.0, 3.0, 7.0)


def test_seconds_of_an_image_are_those_of_each_method_that_has_them(jobs, monkeypatch):
    place = "results/letters/baselines/letters"
    benchmark(place, 4.0, "1.0")
    facts = [{"method": "median", "image_seconds": 0.002}, {"method": "map", "image_seconds": 0.5}]
    log(place, [{"device": DEVICE}, {"method": "cut"}, *facts], cut_off='{"method": "x", "image')
    typeset = []
    monkeypatch.setattr(
        costs, "compile_pdf", lambda *of: typeset.append(json.loads(of[2]["costs"]))
    )
    costs.typeset(Path("costs.pdf"), Path("costs.typ"), "Letters", GRAPH)
    assert typeset[0]["methods"] == [["median", 0.002], ["map", 0.5]]
    assert typeset[0]["devices"] == [DEVICE]


def test_a_node_imports_computes_and_waits(jobs):
    """By CPU time; that of several threads at once is longer than the node lasts."""
    for variant, seconds, cpu in (("vae_2", 30.0, 21.0), ("vae_10", 10.0, 15.0)):
        place = f"results/letters/models/{variant}"
        log(place, [{"import_seconds": 1.5, "cpu_seconds": cpu}])
        benchmark(place, seconds, "100.0")
    benchmark("results/letters/models/vae_20", 5.0, "100.0")  # its log tells nothing
    benchmark("results/report", 4.0, "50.0")
    log("results/report", [{"import_seconds": 1.0, "cpu_seconds": 1.25}])
    nodes = costs.read_nodes(GRAPH)
    assert costs.of_phases(nodes) == {
        "train": {"import": 2.5, "compute": 28.5, "wait": 9.0, "untold": 5.0},
        "full_report": {"import": 1.0, "compute": 0.25, "wait": 2.75, "untold": 0.0},
    }
    for row in costs.of_rules(nodes):
        assert sum(costs.of_phases(nodes)[row["rule"]].values()) == row["seconds"]
    chart = costs.rule_chart(costs.of_rules(nodes), costs.of_phases(nodes))
    assert all(phase in chart for phase in costs.PHASES)


def test_nothing_measured(jobs):
    with pytest.raises(InputError, match="nothing measured"):
        costs.read_nodes(GRAPH)
    with pytest.raises(InputError, match="nothing measured"):
        costs.read_nodes(Path("absent.json"))


@pytest.mark.parametrize(
    "content", ["", "s\tmax_rss\n", "s\tmax_rss\nlong\t1\n", "a\n1\n", "s\tmax_rss\nnan\t1\n"]
)
def test_a_damaged_benchmark_file_is_named(jobs, content):
    benchmark("results/report", 1, "1")
    Path("logs/benchmarks/results/report.tsv").write_text(content)
    with pytest.raises(InputError, match=r"results/report\.tsv: not a benchmark file"):
        costs.read_nodes(GRAPH)


def test_charts_of_many_variants_are_split():
    row = {
        "name": "vae",
        "seconds": dict.fromkeys(OF_A_VARIANT, 1.0),
        "memory": None,
        "epochs": (),
        "epoch": None,
    }
    assert "<svg" in costs.variant_chart([row] * costs.ROWS, [row] * 100)
