"""Mutated files of every kind that a node reads: each is read, or refused in one line.

`python tests/unit/test_damaged_files.py 500` tries so many of each kind.
"""

import contextlib
import json
import math
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.figure import Figure
from unit.studies.faces import small as faces
from unit.toys import config, save_judge

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.formats import cifar
from vaepipe.datasets.images import Kind, writing
from vaepipe.generative import figures as generative
from vaepipe.judges.attributes import read_attribute_judges
from vaepipe.measures import evaluation as measuring
from vaepipe.measures.baselines import measure_baselines
from vaepipe.measures.catalogue import OF_KIND
from vaepipe.measures.evaluation import evaluate_variant
from vaepipe.measures.seeds import summarise
from vaepipe.measures.table import read_results
from vaepipe.models.saved import build_network, load
from vaepipe.models.weights import save_weights
from vaepipe.report import costs
from vaepipe.studies.analysis import analyse_variant
from vaepipe.studies.cartoons import comparison as cartoons_table
from vaepipe.studies.cartoons import figures as cartoons
from vaepipe.studies.denoise import figures as denoise
from vaepipe.studies.digits import comparison as digits
from vaepipe.studies.letters.comparison import compare
from vaepipe.studies.letters.figures import draw_variant
from vaepipe.studies.objects import comparison as objects

SHAPE = (12, 12)
PIXELS = 144
COLOURS = np.arange(6 * 3072).astype(np.uint8).reshape(6, 32, 32, 3)
SETTINGS = {
    "analysis": {
        "characters": "BA",
        "sheet_side": 3,
        "prior_samples": 5,
        "traversal_steps": 3,
        "traversal_span": 2.0,
        "seed": 0,
        "device": "cpu",
        "threads": 1,
    },
    "evaluation": {
        "importance_samples": 3,
        "neighbours": 3,
        "samples": 8,
        "noise_levels": [0.0, 0.2],
        "data": {"noise": "gaussian"},
        "active_threshold": 0.01,
        "informative_kl": 0.1,
        "headline": ["elbo"],
        "seed": 0,
        "device": "cpu",
        "threads": 1,
    },
    "comparison": {
        "datasets": ["letters"],
        "variants": ["a", "b"],
        "figures": {"colormap": "gray_r", "width": 16.0},
        "comparison": {"baseline": "a", "measures": ["elbo"]},
    },
}
LOOK = SETTINGS["comparison"]["figures"]
DIGITS = {
    "analysis": {
        "walk_steps": 2,
        "grid_side": 2,
        "prior_samples": 4,
        "draws": [1, 2],
        "repeats": 2,
        "images": 4,
        "neighbours": 3,
        "seed": 0,
        "device": "cpu",
        "threads": 1,
    },
    "comparison": {
        "datasets": ["digits"],
        "variants": ["a", "b"],
        "figures": LOOK,
        "comparison": {"baseline": "a", "measures": ["elbo"]},
    },
}
CARTOONS = {
    "deviations": [1.0],
    "prior_samples": 1,
    "pictures": 1,
    "pairs": 2,
    "steps": 3,
    "draws": [1, 2],
    "repeats": 2,
    "images": 2,
    "seed": 0,
    "device": "cpu",
    "threads": 1,
}
DENOISE = {
    "pictures": 4,
    "grid_side": 2,
    "neighbours": 3,
    "mistakes": 2,
    "seed": 0,
    "device": "cpu",
    "threads": 1,
}


def build(root: Path) -> None:
    """The files of two trained, evaluated and analysed variants and of their costs."""
    generator = np.random.default_rng(0)
    (root / "data").mkdir(parents=True)
    for name in ("train", "test"):
        clean = generator.random((12, PIXELS), np.float32)
        path = root / "data" / f"{name}.parquet"
        with writing(path, Kind(SHAPE, ("A", "B"), "x"), ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(12) % 2, clean, clean)
    for name in ("raw.bin", "raw.bin.gz"):
        cifar.write(root / name, np.arange(6) % 2, COLOURS)
    halves = [(np.arange(3) % 2, COLOURS[rows]) for rows in (slice(3), slice(3, 6))]
    cifar.write_archive(root / "raw.tar.gz", halves[:1], halves[1])
    judge, beside = root / "judge", root / "baselines/letters"
    for folder in (judge, beside):
        folder.mkdir(parents=True)
    save_judge(judge, SHAPE)
    ours = {"evaluation": SETTINGS["evaluation"], "baselines": {"components": [2], "threads": 1}}
    measure_baselines(ours, root / "data", judge, beside / "baselines.json")
    settings = config() | {"shape": list(SHAPE), "parameters": 9, "steps": 6}
    for name in ("a", "b"):
        model, analysis, evaluation = (
            root / kind / name for kind in ("models", "analyses", "evaluations")
        )
        for folder in (model, analysis, evaluation):
            folder.mkdir(parents=True)
        weights = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
        save_weights(model / "model.safetensors", weights)
        write_json(model / "config.json", settings)
        rows = [
            f"{seed},{epoch},{split},1,1,0,0,{seed + epoch / 7}\n"
            for seed in (3, 5)
            for epoch in (1, 2, 3)
            for split in ("train", "test")
        ]
        header = "seed,epoch,split,total,reconstruction,kl,l2,total_per_pixel\n"
        (model / "history.csv").write_text(header + "".join(rows))
        outputs = [analysis / file for file in ("arrays.safetensors", "analysis.json")]
        analyse_variant(SETTINGS["analysis"], root / "data", model, *outputs)
        measures = [dict.fromkeys(OF_KIND["vae"], float(seed)) for seed in (3, 5)]
        write_json(evaluation / "seeds.json", summarise([3, 5], measures))
        elbos = generator.random((2, 12), np.float32)
        write_arrays(evaluation / "images.safetensors", {"elbo": elbos})
        sweep = {"levels": [0.0, 0.2], "noisy": [58.9, 14.0], "mean_image": 9.0}
        sweep["decoded"] = [[1.0, 2.0], [3.0, 4.0]]
        write_json(evaluation / "noise_sweep.json", sweep)
    build_digits(root)
    build_denoise(root)
    build_cartoons(root)
    faces.build(root / "faces")
    job = {"rule": "train", "name": "a", "variant": "a", "log": str(root / "a.log")}
    write_json(root / "graph.json", {"jobs": [job | {"benchmark": str(root / "a.tsv")}]})
    (root / "a.tsv").write_text("s\th:m:s\tmax_rss\n9.5\t0:00:09\t201.5\n")
    facts = (
        *({"device": "cpu"}, {"images": 12}, {"epoch_seconds": 2.0}, {"epoch_seconds": 3.0}),
        {"import_seconds": 1.5, "cpu_seconds": 9.0},
    )
    (root / "a.jsonl").write_text("".join(f"{json.dumps(fact)}\n" for fact in facts))


def build_digits(root: Path) -> None:
    """Those of two variants of the study digits, with different objectives."""
    judge = root / "judges/digits"
    judge.mkdir(parents=True)
    save_judge(judge, SHAPE)
    columns = {"elbo": "reconstruction,kl", "iwae": "bound"}
    for name, objective, draws in (("a", "iwae", 2), ("b", "elbo", None)):
        model, analysis, evaluation = (
            root / "digits" / kind / name for kind in ("models", "analyses", "evaluations")
        )
        for folder in (model, analysis, evaluation):
            folder.mkdir(parents=True)
        parts = {"study": "digits", "body": "conv", "objective": objective}
        layers = {"latent": 3, "filters": [2, 2], "hidden": None, "activation": None}
        own = {"model": layers, "parameters": 9, "shape": list(SHAPE)}
        settings = config(draws=draws, mmd_weight=None) | parts | own
        weights = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
        save_weights(model / "model.safetensors", weights)
        write_json(model / "config.json", settings)
        terms = columns[objective].split(",")
        rows = [
            f"{seed},{epoch},{split},{seed / epoch}{',1' * len(terms)},0,1\n"
            for seed in (3, 5)
            for epoch in (1, 2)
            for split in ("train", "test")
        ]
        header = f"seed,epoch,split,total,{columns[objective]},l2,total_per_pixel\n"
        (model / "history.csv").write_text(header + "".join(rows))
        snapshots = {f"seed-{s}": np.full((2, 4, PIXELS), s, np.uint8) for s in (3, 5)}
        write_arrays(model / "snapshots.safetensors", snapshots)
        outputs = [analysis / file for file in ("arrays.safetensors", "analysis.json")]
        analyse_variant(DIGITS["analysis"], root / "data", model, *outputs)
        measures = [dict.fromkeys(OF_KIND["vae"], float(seed)) for seed in (3, 5)]
        write_json(evaluation / "seeds.json", summarise([3, 5], measures))


def build_denoise(root: Path) -> None:
    """Those of an autoencoder and of a classifier, whose seeds stopped after different epochs."""
    kinds = {
        "autoencoder": ("gaussian", {"latent": 2}),
        "classifier": ("categorical", {"dense": 3, "dropout": 0.0}),
    }
    for kind, (likelihood, own) in kinds.items():
        folder = root / "denoise" / kind
        folder.mkdir(parents=True)
        layers = {"filters": [2, 2], "latent": None, "latent_activation": None} | own
        layers["deviation"] = 0.2 if likelihood == "gaussian" else None
        parts = {"study": "denoise", "kind": kind, "body": "conv", "likelihood": likelihood}
        settings = config() | parts | {"model": layers, "shape": list(SHAPE)}
        torch.manual_seed(0)
        weights = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
        save_weights(folder / "model.safetensors", weights)
        write_json(folder / "config.json", settings)
        rows = [
            f"{seed},{epoch},{split},{seed / epoch},1,0,1\n"
            for seed in (3, 5)
            for epoch in range(1, seed)
            for split in ("train", "validation", "test")
        ]
        header = "seed,epoch,split,total,cross_entropy,l2,total_per_pixel\n"
        (folder / "history.csv").write_text(header + "".join(rows))
        outputs = [folder / file for file in ("arrays.safetensors", "analysis.json")]
        analyse_variant(DENOISE, root / "data", folder, *outputs)


def build_cartoons(root: Path) -> None:
    """Those of a variant, and what the judges of attributes have told of it."""
    models, analyses, evaluations, told = (
        root / "cartoons" / kind for kind in ("models", "analyses", "evaluations", "attributes")
    )
    for folder in (models / "a", analyses / "a", evaluations / "a", told):
        folder.mkdir(parents=True)
    settings = config(epochs=1, schedule="constant", last_learning_rate=None, draws=1)
    own = {"latent": 2, "filters": [2, 2], "deviation": 0.5}
    parts = {"study": "cartoons", "body": "conv", "objective": "sgvb", "likelihood": "gaussian"}
    settings |= parts | {"model": own, "shape": list(SHAPE), "parameters": 9, "steps": 2}
    torch.manual_seed(0)
    weights = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
    save_weights(models / "a/model.safetensors", weights)
    write_json(models / "a/config.json", settings)
    rows = [f"{seed},1,{split},9,8,1,0,1\n" for seed in (3, 5) for split in ("train", "test")]
    header = "seed,epoch,split,total,reconstruction,kl,l2,total_per_pixel\n"
    (models / "a/history.csv").write_text(header + "".join(rows))
    steps = [f"{seed},1,{step},9\n" for seed in (3, 5) for step in (1, 2)]
    (models / "a/batches.csv").write_text("seed,epoch,step,total\n" + "".join(steps))
    snapshots = {"seed-3": np.full((1, 2, math.prod(SHAPE)), 9, np.uint8)}
    write_arrays(models / "a/snapshots.safetensors", snapshots)
    outputs = [analyses / "a" / file for file in ("arrays.safetensors", "analysis.json")]
    analyse_variant(CARTOONS, root / "data", models / "a", *outputs)
    measures = [dict.fromkeys(OF_KIND["vae"], float(seed)) for seed in (3, 5)]
    write_json(evaluations / "a/seeds.json", summarise([3, 5], measures))
    share = {"share": 0.5, "low": 0.25, "high": 0.75}
    value = {"value": "x"} | dict.fromkeys(("true", "test", "samples"), share)
    row = {"variant": "a", "deviation": 1.0, "name": "tone", "values": [value]}
    judges = {"tone": {"accuracy": 0.5, "majority": 0.5, "recall": {"x": 0.5}}}
    content = {"samples": 2, "judges": judges, "rows": [row], "claims": []}
    write_json(told / "attributes.json", content)


def evaluate(root: Path) -> None:
    outputs = [root / name for name in measuring.OUTPUTS]
    folders = (root / name for name in ("data", "judge", "models/a"))
    evaluate_variant(SETTINGS["evaluation"], *folders, *outputs)


def read_attributes(root: Path) -> None:
    read_attribute_judges(root / "judge", torch.device("cpu"))


def analyse(root: Path) -> None:
    outputs = root / "arrays.safetensors", root / "analysis.json"
    analyse_variant(SETTINGS["analysis"], root / "data", root / "models/a", *outputs)


def draw(root: Path) -> None:
    draw_variant(
        LOOK, "a", root / "models/a", root / "analyses/a", *(root / f"{i}" for i in "12345678")
    )


def compare_all(root: Path) -> None:
    folders = (root / kind for kind in ("models", "evaluations", "analyses", "baselines"))
    compare(SETTINGS["comparison"], *folders, *(root / f"{i}" for i in "123456"))


def analyse_digits(root: Path) -> None:
    outputs = root / "arrays.safetensors", root / "analysis.json"
    analyse_variant(DIGITS["analysis"], root / "data", root / "digits/models/a", *outputs)


def draw_digits(root: Path) -> None:
    folders = root / "digits/models/a", root / "data", root / "digits/analyses/a"
    outputs = (root / name for name in generative.OF_A_VARIANT)
    generative.draw_variant(LOOK, *folders, *outputs)


def draw_denoise(kind: str) -> Callable[[Path], None]:
    def read(root: Path) -> None:
        folder = root / "denoise" / kind
        outputs = (root / name for name in denoise.OF_A_VARIANT)
        denoise.draw_variant(LOOK, folder, folder, *outputs)

    return read


def read_faces(read: Callable[[Path], None]) -> Callable[[Path], None]:
    return lambda root: read(root / "faces")


def compare_digits(root: Path) -> None:
    folders = (root / "digits" / kind for kind in ("models", "evaluations", "analyses"))
    outputs = (root / name for name in digits.OUTPUTS)
    digits.compare(DIGITS["comparison"], *folders, root / "judges", *outputs)


def compare_objects(root: Path) -> None:
    """The study objects reads what digits leaves, and pictures."""
    folders = (root / "digits" / kind for kind in ("models", "evaluations", "analyses"))
    outputs = (root / name for name in objects.OUTPUTS)
    objects.compare(DIGITS["comparison"], *folders, root / "judges", root / "data", *outputs)


def sum_up(root: Path) -> None:
    nodes = costs.read_nodes(root / "graph.json")
    variants = costs.of_variants(nodes)
    phases = costs.of_phases(nodes)
    assert all(0 <= of < math.inf for rule in phases.values() for of in rule.values())
    costs.rule_chart(costs.of_rules(nodes), phases)
    costs.estimate(nodes, variants)
    if variants:
        costs.variant_chart(variants, variants)


def ingest(name: str) -> Callable[[Path], None]:
    def read(root: Path) -> None:
        cifar.ingest_part(root / name, "train", root / "x", ["automobile", "airplane"])

    return read


def draw_cartoons(root: Path) -> None:
    folders = (root / "cartoons/models/a", root / "data", root / "cartoons/analyses/a")
    outputs = (root / name for name in cartoons.OF_A_VARIANT)
    cartoons.draw_variant(LOOK | {"moving_average": 2}, *folders, *outputs)


def compare_cartoons(root: Path) -> None:
    kinds = ("models", "evaluations", "analyses", "attributes")
    folders = (root / "cartoons" / kind for kind in kinds)
    settings = {
        "variants": ["a"],
        "figures": LOOK | {"moving_average": 2},
        "comparison": {"baseline": "a", "measures": ["elbo"]},
    }
    outputs = (root / name for name in cartoons_table.OUTPUTS)
    cartoons_table.compare(settings, *folders, root / "judges/digits", root / "data", *outputs)


READERS: dict[str, list[Callable[[Path], object]]] = {
    "models/a/config.json": [evaluate, analyse, compare_all],
    "models/a/model.safetensors": [lambda root: load(root / "models/a", 5)],
    "models/a/history.csv": [draw, compare_all],
    "analyses/a/arrays.safetensors": [draw, compare_all],
    "analyses/a/analysis.json": [draw, compare_all],
    "evaluations/a/seeds.json": [compare_all, lambda r: read_results("x", r / "evaluations")],
    "evaluations/a/images.safetensors": [compare_all],
    "evaluations/a/noise_sweep.json": [compare_all],
    "judge/judge.json": [evaluate, read_attributes],
    "judge/model.safetensors": [evaluate, read_attributes],
    "baselines/letters/baselines.json": [compare_all],
    "data/test.parquet": [evaluate],
    "digits/models/a/config.json": [analyse_digits, draw_digits, compare_digits, compare_objects],
    "digits/models/a/history.csv": [compare_digits],
    "digits/models/a/snapshots.safetensors": [draw_digits, compare_objects],
    "digits/analyses/a/arrays.safetensors": [draw_digits, compare_digits],
    "digits/analyses/a/analysis.json": [draw_digits, compare_digits],
    "digits/evaluations/a/seeds.json": [compare_digits],
    **{
        f"denoise/{kind}/{file}": [draw_denoise(kind)]
        for kind in ("autoencoder", "classifier")
        for file in ("history.csv", "arrays.safetensors", "analysis.json")
    },
    **{
        f"cartoons/{kind}/{file}": [draw_cartoons, compare_cartoons]
        for kind, file in (
            ("models", "a/batches.csv"),
            ("models", "a/snapshots.safetensors"),
            ("analyses", "a/arrays.safetensors"),
            ("analyses", "a/analysis.json"),
        )
    },
    "cartoons/models/a/history.csv": [compare_cartoons],
    "cartoons/evaluations/a/seeds.json": [compare_cartoons],
    "cartoons/attributes/attributes.json": [compare_cartoons],
    "judges/digits/judge.json": [compare_digits],
    **{
        f"faces/{file}": [read_faces(faces.compare)]
        for file in (
            "models/ae/config.json",
            "evaluations/ae/seeds.json",
            "evaluations/ae/noise_sweep.json",
            "analyses/ae/arrays.safetensors",
            "anomaly/anomaly.json",
            "anomaly/anomaly.safetensors",
            "contrast/contrast.json",
            "contrast/contrast.safetensors",
            "judge/judge.json",
        )
    },
    "faces/models/ae/history.csv": [read_faces(faces.draw)],
    "faces/analyses/ae/analysis.json": [read_faces(faces.draw), read_faces(faces.compare)],
    **{name: [ingest(name)] for name in ("raw.bin", "raw.bin.gz", "raw.tar.gz")},
    "graph.json": [sum_up],
    "a.tsv": [sum_up],
    "a.jsonl": [sum_up],
}
VALUES = [None, [], {}, "", "x", "../x", "a.b", "vae", 0, -1, 3, 10**6, 10**30, 0.5, -0.5, 1e308]
VALUES += [True, [0], [[]], {"a": 1}, float("nan"), float("inf"), 400000, [10**10, 10**10]]

WHOLE = (b"", b"\0" * 99, b"[" * 10**5, b"\xff\xfe", b"1", b"null", b"[]", b"\n")


def mutated(content: bytes, kind: str, rng: random.Random) -> bytes:
    if rng.random() < 0.7 and kind in (".json", ".jsonl"):
        lines = [content] if kind == ".json" else content.splitlines()
        line = rng.randrange(len(lines))
        lines[line] = json.dumps(_changed(json.loads(lines[line]), rng)).encode()
        return b"\n".join(lines)
    place = rng.randrange(min(len(content), rng.choice((400, len(content)))))
    match rng.randrange(6):
        case 0:
            return content[:place]
        case 1:
            return rng.choice(
                (b"", b"\0" * 99, b"[" * 10**5, b"\xff\xfe", b"1", b"null", b"[]", b"\n")
            )
        case 2:
            return content[:place] + content[place + rng.choice((1, 5, 100)) :]
        case 3:
            return content[:place] + rng.randbytes(rng.choice((1, 4))) + content[place:]
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 4))):
        changed[place] = rng.choice((rng.randrange(256), *b'0123456789-.,eE\n"{}[]'))
        place = min(len(changed) - 1, place + rng.randrange(9))
    return bytes(changed)


def _changed(content: object, rng: random.Random) -> object:
    """JSON with one value replaced, added or removed, at any depth."""
    inner = content and isinstance(content, dict | list)
    if not inner or rng.random() < 0.15:
        return rng.choice(VALUES)
    key = rng.choice(list(content) if isinstance(content, dict) else range(len(content)))
    match rng.randrange(8):
        case 0:
            del content[key]
        case 1 if isinstance(content, list):
            content.append(rng.choice(VALUES))
        case 1:
            content[rng.choice(("x", "mean", "zz"))] = rng.choice(VALUES)
        case _:
            content[key] = _changed(content[key], rng)
    return content


def tried(root: Path, file: str, seed: int) -> str:
    """How a mutated file was taken; raises what is no InputError that names the file."""
    rng = random.Random(f"{file} {seed}")
    path = root / file
    original = path.read_bytes()
    path.write_bytes(mutated(original, path.suffix, rng))
    try:
        for read in READERS[file]:
            read(root)
    except InputError as error:
        named = path.name in str(error) or str(path.parent) in str(error)
        assert named or "nothing measured" in str(error) or "params.yaml: " in str(error), error
        assert "\n" not in str(error)
        return "refused"
    except Exception as error:
        raise AssertionError(f"{file}, seed {seed}: {type(error).__name__}") from error
    finally:
        path.write_bytes(original)
    return "read"


@contextlib.contextmanager
def undrawn():
    """Figures are laid out, but not written."""
    save, Figure.savefig = Figure.savefig, lambda *_, **__: None
    try:
        yield
    finally:
        Figure.savefig = save


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("files") / "root"
    build(root)
    with undrawn():
        yield root


def test_whole_files_are_read(root):
    for readers in READERS.values():
        for read in readers:
            read(root)


@pytest.mark.parametrize("file", READERS)
def test_mutated_files_are_read_or_refused(root, file):
    assert "refused" in {tried(root, file, seed) for seed in range(12)} or file == "a.jsonl"


@pytest.mark.parametrize("file", READERS)
def test_a_folder_in_the_place_of_a_file_is_named(root, file):
    path = root / file
    content = path.read_bytes()
    path.unlink()
    path.mkdir()
    try:
        for read in READERS[file]:
            with contextlib.nullcontext() if path.suffix == ".jsonl" else pytest.raises(InputError):
                read(root)
    finally:
        path.rmdir()
        path.write_bytes(content)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name, undrawn():
        root = Path(name) / "root"
        build(root)
        for file in sys.argv[2:] or READERS:
            counts, first = Counter(), {}
            for seed in range(int(sys.argv[1])):
                try:
                    counts[tried(root, file, seed)] += 1
                except AssertionError as error:
                    cause = repr(error.__cause__ or error)[:150]
                    counts["wrong"] += 1
                    first.setdefault(cause, seed)
            print(file, dict(counts), first, flush=True)
