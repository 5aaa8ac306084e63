"""What the nodes cost in time and memory, by Snakemake's benchmark files and facts of logs."""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from typing import Annotated, Any

import numpy as np
from matplotlib.ticker import MaxNLocator
from pydantic import Field, ValidationError

from vaepipe.core.errors import InputError
from vaepipe.core.files import Form, read_json
from vaepipe.figures.style import COLOURS, new_figure, save
from vaepipe.report.pdf import compile_pdf

SAMPLED = 0.5
"""Seconds after which Snakemake looks at the memory of a node for the second time."""
LISTED = 10
"""Nodes without a measurement that are named; if there are more, they are counted."""
PHASES = ("import", "compute", "wait", "untold")
ROWS = 40
"""Variants in one chart, so that it fits on a page."""


@dataclass(frozen=True)
class Node:
    """A node of the graph, and what was measured of its run.

    `variant` is None for what is made once. `seconds` of wall time are None where the node was not
    measured from start to end; `memory` in MB (10^6 bytes), resident at its peak, where the run was
    too short to be sampled. `device`, `images` (that weights are fitted to), `epochs` (seconds of
    each), `methods` (seconds of each for an image) and `cpu` (seconds of CPU time until it began,
    which are imports, and of all) are facts of its log.
    """

    rule: str
    name: str
    variant: str | None
    seconds: float | None = None
    memory: float | None = None
    device: str | None = None
    images: int | None = None
    epochs: tuple[float, ...] = ()
    methods: tuple[tuple[str, float], ...] = ()
    cpu: tuple[float, float] | None = None


class Job(Form):
    rule: str
    name: str
    variant: str | None
    log: str
    benchmark: str


class Graph(Form):
    jobs: list[Job]


class Fact(Form):
    """A line that a script has logged for programs."""

    device: str = ""
    images: int = 0
    resumed: int = 0
    epoch_seconds: Annotated[float, Field(ge=0)] = 0
    method: str = ""
    image_seconds: Annotated[float, Field(ge=0)] = 0
    import_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0
    cpu_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0


def read_nodes(graph: Path) -> list[Node]:
    """The nodes of a graph, whose file lists rule, name, variant, log and benchmark of each job.

    Raises InputError if none is measured, or if the graph or a benchmark file is damaged.
    """
    nodes = [_read(job) for job in read_json(graph, Graph)["jobs"]] if graph.is_file() else []
    if not any(node.seconds is not None for node in nodes):
        raise InputError(
            "nothing measured. Only what Snakemake runs is measured, not what DVC ran or fetched: "
            "run `snakemake --cores all --forceall results/costs.pdf`."
        )
    return nodes


def missing(nodes: Sequence[Node]) -> list[str]:
    """The names of nodes that were not measured, or, if there are many, a count for each rule."""
    names = [f"{node.rule} {node.name}".strip() for node in nodes if node.seconds is None]
    if len(names) <= LISTED:
        return names
    counts = Counter(name.split()[0] for name in names)
    return [f"{rule} ({count})" for rule, count in counts.items()]


def _read(job: Mapping[str, Any]) -> Node:
    """What was measured of a job: nothing if its training was resumed.

    The benchmark file of an output that Snakemake did not make is removed when it finds out.
    """
    names = (job["rule"], job["name"], job["variant"])
    benchmark = Path(job["benchmark"])
    facts = _facts(Path(job["log"]).with_suffix(".jsonl"))
    if not benchmark.is_file() or any("resumed" in fact for fact in facts):
        return Node(*names)
    content = benchmark.read_text(encoding="utf-8", errors="replace")
    try:
        rows = list(csv.DictReader(io.StringIO(content), delimiter="\t"))
        seconds, memory = float(rows[-1]["s"]), rows[-1]["max_rss"]
        sampled = seconds > SAMPLED and memory not in ("NA", "-")
        megabytes = float(memory) * 2**20 / 1e6 if sampled else None
        if not all(math.isfinite(value) and value >= 0 for value in (seconds, megabytes or 0)):
            raise ValueError
    except (csv.Error, IndexError, KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{benchmark}: not a benchmark file of Snakemake. Delete it; the costs of its node "
            "are then missing until it runs again."
        ) from error

    def first(key: str) -> Any:
        return next((fact[key] for fact in facts if key in fact), None)

    epochs = tuple(fact["epoch_seconds"] for fact in facts if "epoch_seconds" in fact)
    methods = tuple(
        (fact["method"], fact["image_seconds"])
        for fact in facts
        if {"method", "image_seconds"} <= fact.keys()
    )
    cpu = (first("import_seconds"), first("cpu_seconds"))
    return Node(
        *(*names, seconds, megabytes, first("device"), first("images"), epochs, methods),
        cpu=None if None in cpu or cpu[0] > cpu[1] else cpu,
    )


def _facts(path: Path) -> list[dict[str, Any]]:
    """What a script has logged for programs; a damaged line is left out, as a kill leaves one."""
    facts = []
    for line in path.read_bytes().splitlines() if path.is_file() else []:
        try:
            facts.append(Fact.model_validate_json(line).model_dump(exclude_unset=True))
        except ValidationError:
            continue
    return facts


def of_rules(nodes: Sequence[Node]) -> list[dict]:
    """For each rule: measured nodes, seconds of all together, the highest peak of memory in MB."""
    rows = []
    for rule in dict.fromkeys(node.rule for node in nodes if node.seconds is not None):
        own = [node for node in nodes if node.rule == rule and node.seconds is not None]
        rows.append(
            {
                "rule": rule,
                "nodes": len(own),
                "seconds": sum(node.seconds for node in own),
                "memory": max((n.memory for n in own if n.memory), default=None),
            }
        )
    return rows


def of_phases(nodes: Sequence[Node]) -> dict[str, dict[str, float]]:
    """For each rule: seconds of its nodes together in which they import, compute and wait.

    They wait for a processor, a disk or another program. CPU time of several threads at once counts
    no longer than the node lasted. What a log does not tell is untold.
    """
    found: dict[str, dict[str, float]] = {}
    for node in nodes:
        if node.seconds is None:
            continue
        of_rule = found.setdefault(node.rule, dict.fromkeys(PHASES, 0.0))
        if node.cpu is None:
            of_rule["untold"] += node.seconds
            continue
        imports, whole = node.cpu
        share = min(1.0, node.seconds / whole) if whole else 1.0
        of_rule["import"] += share * imports
        of_rule["compute"] += share * (whole - imports)
        of_rule["wait"] += node.seconds - share * whole
    return found


def of_variants(nodes: Sequence[Node]) -> list[dict]:
    """For each variant whose nodes were all measured: seconds of each, peak memory, epochs."""
    rows = []
    for name in dict.fromkeys(node.variant for node in nodes if node.variant):
        own = {node.rule: node for node in nodes if node.variant == name}
        if all(node.seconds is not None for node in own.values()):
            epochs = next((node.epochs for node in own.values() if node.epochs), ())
            images = next((node.images for node in own.values() if node.images), None)
            epoch = median(epochs) if epochs else None
            rows.append(
                {
                    "name": name,
                    "seconds": {rule: node.seconds for rule, node in own.items()},
                    "memory": max((n.memory for n in own.values() if n.memory), default=None),
                    "epochs": epochs,
                    "epoch": epoch,
                    "images_per_second": images / epoch if epoch and images else None,
                }
            )
    return rows


def estimate(nodes: Sequence[Node], variants: Sequence[dict]) -> dict[str, float | None]:
    """What a variant costs on average, and what is paid once, in seconds and MB, or None."""
    totals = [sum(row["seconds"].values()) for row in variants]
    memories = [row["memory"] for row in variants if row["memory"]]
    once = [node.seconds for node in nodes if node.variant is None]
    return {
        "once": None if None in once else sum(once),
        "variant": mean(totals) if totals else None,
        "longest": max(totals, default=None),
        "memory": max(memories, default=None),
    }


def typeset(path: Path, template: Path, title: str, graph: Path) -> None:
    """Write the PDF of what has been measured; raises InputError if nothing has."""
    nodes = read_nodes(graph)
    rules, phases, variants = of_rules(nodes), of_phases(nodes), of_variants(nodes)
    pages = [variants[i : i + ROWS] for i in range(0, len(variants), ROWS)]
    charts = [variant_chart(page, variants) for page in pages]
    content = {
        "title": title,
        "rules": rules,
        "variants": variants,
        "steps": list(dict.fromkeys(rule for row in variants for rule in row["seconds"])),
        "estimate": estimate(nodes, variants),
        "devices": sorted({node.device for node in nodes if node.device}),
        "missing": missing(nodes),
        "methods": [method for node in nodes for method in node.methods],
        "phases": {name: sum(of[name] for of in phases.values()) for name in PHASES},
        "charts": {"rules": rule_chart(rules, phases), "variants": charts},
    }
    compile_pdf(template, path, {"costs": json.dumps(content)})


def rule_chart(rows: Sequence[Mapping], phases: Mapping[str, Mapping[str, float]]) -> str:
    """Bars of time, by its phases, and of peak memory for each rule, as SVG."""
    figure, axes = new_figure(16, 2 + 0.38 * len(rows), 1, 2, sharey=True)
    places = np.arange(len(rows))
    left = np.zeros(len(rows))
    for phase, colour in zip(PHASES, COLOURS, strict=False):
        seconds = np.array([phases[row["rule"]][phase] for row in rows])
        if seconds.any():
            axes[0].barh(places, seconds, left=left, color=colour, label=phase)
        left += seconds
    axes[1].barh(places, [row["memory"] or 0 for row in rows], color=COLOURS[4])
    axes[0].set_xlabel("seconds, all nodes together")
    axes[1].set_xlabel("MB, peak of a node")
    figure.legend(loc="outside upper center", ncols=len(PHASES))
    _name_bars(axes, [row["rule"] for row in rows])
    return _svg(figure)


def variant_chart(rows: Sequence[Mapping], every: Sequence[Mapping]) -> str:
    """Bars of time, peak memory and seconds per epoch for each variant, as SVG.

    The scales are those of `every` variant, so that charts can be compared.
    """
    figure, axes = new_figure(16, 2 + 0.5 * len(rows), 1, 3, sharey=True)
    places = np.arange(len(rows))
    left = np.zeros(len(rows))
    steps = list(dict.fromkeys(rule for row in every for rule in row["seconds"]))
    for rule, colour in zip(steps, COLOURS, strict=False):
        seconds = np.array([row["seconds"].get(rule, 0) for row in rows])
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
    figure.legend(loc="outside upper center", ncols=len(steps))
    _name_bars(axes, [row["name"] for row in rows])
    return _svg(figure)


def _name_bars(axes: Sequence, names: Sequence[str]) -> None:
    axes[0].set_yticks(np.arange(len(names)), names)
    axes[0].set_ylim(len(names) - 0.4, -0.6)
    for ax in axes:
        ax.grid(visible=False, axis="y")
        ax.tick_params(axis="y", length=0)


def _svg(figure) -> str:
    file = io.BytesIO()
    save(figure, file)
    return file.getvalue().decode()
