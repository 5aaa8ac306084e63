"""What the nodes cost in time and memory, from Snakemake's benchmark files and the logs."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

import numpy as np
from matplotlib.ticker import MaxNLocator

from vaepipe.config import Params
from vaepipe.errors import InputError
from vaepipe.plotting import COLOURS, new_figure, save
from vaepipe.report import compile_pdf

LOGS = Path("logs")
BENCHMARKS = LOGS / "benchmarks"
SAMPLED = 0.5
"""Seconds after which Snakemake looks at the memory of a node for the second time."""
TEMPLATE = Path("workflow/report/costs.typ")
PLACES = {
    "sample_emnist": "data/sample/{name}",
    "ingest_emnist": "data/interim/{name}",
    "corrupt": "data/processed/{name}",
    "letters_data": "results/letters/data/{name}",
    "train": "results/{study}/models/{name}",
    "evaluate": "results/{study}/evaluations/{name}",
    "letters_figures": "results/letters/figures/{name}",
    "letters_compare": "results/letters/comparison",
    "report": "results/report",
}
"""What a rule's nodes make, and so where their logs and benchmark files lie."""
OF_A_VARIANT = ("train", "evaluate", "letters_figures")
LISTED = 10
"""Nodes without a measurement that are named; if there are more, they are counted."""
ROWS = 40
"""Variants in one chart, so that it fits on a page."""


@dataclass(frozen=True)
class Node:
    """One run of a rule. Seconds of wall time; MB (10^6 bytes) of resident memory at its peak.

    `memory` is None where the run was too short to be sampled. `device` and `images` are what the
    log says of the device and of the size of the training split; `epochs` are seconds of each.
    """

    rule: str
    name: str
    seconds: float
    memory: float | None
    device: str | None
    images: int | None
    epochs: tuple[float, ...]


def measured(params: Params) -> tuple[list[Node], list[str]]:
    """The nodes of the current graph that Snakemake has measured whole, and the names of others.

    Raises InputError if there are none, or if a benchmark file is damaged.
    """
    wanted = _nodes(params)
    found = [_read(rule, name, place) for rule, name, place in wanted]
    nodes = [node for node in found if node]
    if not nodes:
        raise InputError(
            f"{BENCHMARKS}: nothing measured. Only what Snakemake runs is measured, not what DVC "
            "ran or fetched: run `snakemake --cores all --forceall results/costs.pdf`."
        )
    missing = [
        f"{rule} {name}".strip()
        for (rule, name, _), node in zip(wanted, found, strict=True)
        if not node
    ]
    return nodes, missing if len(missing) <= LISTED else _counted(missing)


def _counted(names: Sequence[str]) -> list[str]:
    counts = Counter(name.split()[0] for name in names)
    return [f"{rule} ({count})" for rule, count in counts.items()]


def _nodes(params: Params) -> list[tuple[str, str, str]]:
    """Rule, name and place of each node of the graph."""
    variants = {name: variant.study for name, variant in params.variants.items()}
    names = {
        "sample_emnist": params.samples.emnist,
        "ingest_emnist": params.datasets.emnist,
        "corrupt": params.datasets.emnist,
        "letters_data": params.datasets.emnist,
        "train": variants,
        "evaluate": variants,
        "letters_figures": params.studies.letters.variants,
        "letters_compare": [""],
        "report": [""],
    }
    return [
        (rule, name, PLACES[rule].format(name=name, study=variants.get(name)))
        for rule in PLACES
        for name in names[rule]
    ]


def _read(rule: str, name: str, place: str) -> Node | None:
    """What was measured of a node; None if nothing was, or if its training was resumed.

    The benchmark file of an output that Snakemake did not make is removed when it finds out.
    """
    benchmark, log = BENCHMARKS / f"{place}.tsv", LOGS / f"{place}.log"
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    if not benchmark.is_file() or "resumed after epoch" in text:
        return None
    content = benchmark.read_text(encoding="utf-8", errors="replace")
    rows = list(csv.DictReader(io.StringIO(content), delimiter="\t"))
    try:
        seconds, memory = float(rows[-1]["s"]), rows[-1]["max_rss"]
        sampled = seconds > SAMPLED and memory not in ("NA", "-")
        megabytes = float(memory) * 2**20 / 1e6 if sampled else None
        if not all(math.isfinite(value) and value >= 0 for value in (seconds, megabytes or 0)):
            raise ValueError
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{benchmark}: not a benchmark file of Snakemake. Delete it; the costs of its node "
            "are then missing until it runs again."
        ) from error
    device = re.search(r"^\S+ \S+ device: (.+)$", text, re.MULTILINE)
    images = re.search(r"^\S+ \S+ (\d+) training and \d+ test images$", text, re.MULTILINE)
    epochs = re.findall(r" epoch \d+/\d+: .+ nats per image, ([\d.]+) s, ", text)
    return Node(
        rule,
        name,
        seconds,
        megabytes,
        device and device[1],
        images and int(images[1]),
        tuple(map(float, epochs)),
    )


def of_rules(nodes: Sequence[Node]) -> list[dict]:
    """For each rule: nodes, seconds of all together, the highest peak of memory in MB."""
    rows = []
    for rule in PLACES:
        own = [node for node in nodes if node.rule == rule]
        if own:
            rows.append(
                {
                    "rule": rule,
                    "nodes": len(own),
                    "seconds": sum(node.seconds for node in own),
                    "memory": max((n.memory for n in own if n.memory), default=None),
                }
            )
    return rows


def of_variants(nodes: Sequence[Node]) -> list[dict]:
    """For each variant whose rules were all measured: seconds of each, peak memory, epochs."""
    rows = []
    for name in dict.fromkeys(node.name for node in nodes if node.rule == "train"):
        own = {n.rule: n for n in nodes if n.name == name and n.rule in OF_A_VARIANT}
        if len(own) == len(OF_A_VARIANT):
            train = own["train"]
            epoch = median(train.epochs) if train.epochs else None
            rows.append(
                {
                    "name": name,
                    "device": train.device,
                    "seconds": {rule: own[rule].seconds for rule in OF_A_VARIANT},
                    "memory": max((n.memory for n in own.values() if n.memory), default=None),
                    "epochs": train.epochs,
                    "epoch": epoch,
                    "images_per_second": train.images / epoch if epoch and train.images else None,
                }
            )
    return rows


def estimate(rules: Sequence[dict], variants: Sequence[dict]) -> dict[str, float | None]:
    """What a variant costs on average, and what is paid once, in seconds and MB, or None."""
    totals = [sum(row["seconds"].values()) for row in variants]
    memories = [row["memory"] for row in variants if row["memory"]]
    once = {row["rule"]: row["seconds"] for row in rules if row["rule"] not in OF_A_VARIANT}
    known = len(once) == len(PLACES) - len(OF_A_VARIANT)
    return {
        "once": sum(once.values()) if known else None,
        "variant": mean(totals) if totals else None,
        "longest": max(totals, default=None),
        "memory": max(memories, default=None),
    }


def typeset(path: Path, params: Params) -> None:
    """Write the PDF of what has been measured; raises InputError if nothing has."""
    nodes, missing = measured(params)
    rules, variants = of_rules(nodes), of_variants(nodes)
    pages = [variants[i : i + ROWS] for i in range(0, len(variants), ROWS)]
    charts = [variant_chart(page, variants) for page in pages]
    content = {
        "title": params.report.title,
        "rules": rules,
        "variants": variants,
        "estimate": estimate(rules, variants),
        "devices": sorted({node.device for node in nodes if node.device}),
        "missing": missing,
        "charts": {"rules": rule_chart(rules), "variants": charts},
    }
    compile_pdf(TEMPLATE, path, {"costs": json.dumps(content)})


def rule_chart(rows: Sequence[Mapping]) -> str:
    """Bars of time and peak memory for each rule, as SVG."""
    figure, axes = new_figure(16, 1.5 + 0.55 * len(rows), 1, 2, sharey=True)
    places = np.arange(len(rows))
    axes[0].barh(places, [row["seconds"] for row in rows], color=COLOURS[0])
    axes[1].barh(places, [row["memory"] or 0 for row in rows], color=COLOURS[1])
    axes[0].set_xlabel("seconds, all nodes together")
    axes[1].set_xlabel("MB, peak of a node")
    _name_bars(axes, [row["rule"] for row in rows])
    return _svg(figure)


def variant_chart(rows: Sequence[Mapping], every: Sequence[Mapping]) -> str:
    """Bars of time, peak memory and seconds per epoch for each variant, as SVG.

    The scales are those of `every` variant, so that charts can be compared.
    """
    figure, axes = new_figure(16, 2 + 0.5 * len(rows), 1, 3, sharey=True)
    places = np.arange(len(rows))
    left = np.zeros(len(rows))
    for rule, colour in zip(OF_A_VARIANT, COLOURS, strict=False):
        seconds = np.array([row["seconds"][rule] for row in rows])
        axes[0].barh(places, seconds, left=left, color=colour, label=rule)
        left += seconds
    axes[1].barh(places, [row["memory"] or 0 for row in rows], color=COLOURS[4])
    axes[2].barh(places, [row["epoch"] or 0 for row in rows], color=COLOURS[5])
    for place, row in zip(places, rows, strict=True):
        if row["epochs"]:
            axes[2].plot(np.percentile(row["epochs"], (5, 95)), (place, place), color="black")
    longest = (
        max(sum(row["seconds"].values()) for row in every),
        max(row["memory"] or 0 for row in every),
        max(np.percentile(row["epochs"], 95) if row["epochs"] else 0 for row in every),
    )
    for ax, end in zip(axes, longest, strict=True):
        ax.set_xlim(0, 1.05 * end or 1)
        ax.xaxis.set_major_locator(MaxNLocator(4))
    axes[0].set_xlabel("seconds")
    axes[1].set_xlabel("MB, peak")
    axes[2].set_xlabel("seconds per epoch")
    figure.legend(loc="outside upper center", ncols=len(OF_A_VARIANT))
    _name_bars(axes, [row["name"] for row in rows])
    return _svg(figure)


def _name_bars(axes: Sequence, names: Sequence[str]) -> None:
    axes[0].set_yticks(np.arange(len(names)), names)
    axes[0].invert_yaxis()
    for ax in axes:
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)


def _svg(figure) -> str:
    file = io.BytesIO()
    save(figure, file)
    return file.getvalue().decode()
