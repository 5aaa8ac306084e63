"""Mutated files of every kind that a script reads, given to what reads them."""

import gzip
import io
import json
import math
import os
import pickle
import random
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import ExitStack, chdir
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from attack import mutations, oracles
from attack.verdicts import WRONG, BrokenError, Tally
from attack.worker import Worker
from claims import REPORT, fault, output
from conftest import ROOT, Project
from graph.walk import RAW, name_raw_files, raw_contents
from ruamel.yaml import YAML
from unit import toys

import vaepipe
from vaepipe.core.files import read_arrays
from vaepipe.datasets.formats import cifar, emnist, idx, npz
from vaepipe.datasets.images import read_blocks, read_images, read_kind
from vaepipe.datasets.samples.handwriting import draw_characters
from vaepipe.figures import curves
from vaepipe.learning.loop import train
from vaepipe.models.saved import Model, load
from vaepipe.params import dump, load_params, read_report
from vaepipe.report.costs import of_rules, read_nodes
from vaepipe.report.pdf import typeset
from vaepipe.studies.letters.figures import OF_A_VARIANT, draw_variant

T = TypeVar("T")

NODES = Path(".cache/nodes")
LOOK = {"width": 16.0, "colormap": "gray_r"}


@dataclass
class Target:
    """A good file, how it is damaged, and what reads it.

    `read` is called once the damaged file lies at `path`, with its content.
    """

    path: Path
    mutations: tuple[mutations.Mutation, ...]
    read: Callable[[bytes], None]

    def __post_init__(self):
        self.content = self.path.read_bytes()

    def judge(self, content: bytes) -> None:
        place(self.path, content)
        self.read(content)


def place(path: Path, content: bytes) -> None:
    """Write a file that may have been a link into DVC's cache."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def must(condition: object, what: str) -> None:
    if not condition:
        raise BrokenError(WRONG, what)


def attack(kind: str, count: int, seed: int, folder: Path) -> Tally:
    """Damage files of a kind; what is not damaged must be read."""
    tally = Tally(kind)
    with chdir(folder), ExitStack() as stack:
        targets = KINDS[kind](folder)
        workers = [Worker(target.judge) for target in targets]
        for worker, target in zip(workers, targets, strict=True):
            stack.callback(worker.close)
            answer = worker.ask(target.content)
            assert answer == ("fine", "read"), (target.path, answer)
        for number in range(count):
            rng = random.Random(f"{seed} {number}")
            index = rng.randrange(len(targets))
            what, content = mutations.mutate(rng, targets[index].content, targets[index].mutations)
            verdict, why = workers[index].ask(content)
            tally.add(verdict, f"seed {seed} {targets[index].path.name}: {what}; {why}")
            place(targets[index].path, targets[index].content)
    return tally


def stated(oracle: Callable[[bytes], T], content: bytes) -> T:
    """What a file says that the library has read: it must say it clearly."""
    try:
        return oracle(content)
    except (oracles.UnclearError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise BrokenError(WRONG, f"read, though it is unclear: {error}") from error


# CSV files of raw images.


def csv_files(folder: Path) -> list[Target]:
    labels = np.arange(20)
    plain = io.BytesIO()
    emnist.write_csv(plain, labels, draw_characters(labels, 0))
    names = ",".join(["label", *(f"pixel{i}" for i in range(1, 785))])
    contents = {
        "plain.csv": plain.getvalue(),
        "header.csv": f"{names}\n".encode() + plain.getvalue(),
        "packed.csv.gz": gzip.compress(plain.getvalue()),
    }
    targets = []
    for name, content in contents.items():
        path = folder / name
        path.write_bytes(content)
        packed = name.endswith(".gz")
        kinds = mutations.BYTES if packed else mutations.CSV
        targets.append(Target(path, kinds, lambda found, p=path, z=packed: read_csv(p, z, found)))
    return [targets[0], *targets]


def read_csv(path: Path, packed: bool, content: bytes) -> None:
    blocks = list(emnist.read_csv(path, "balanced"))
    rows = [
        np.column_stack([labels, images.transpose(0, 2, 1).reshape(len(labels), -1)])
        for labels, images in blocks
    ]
    plain = stated(oracles.unpacked, content) if packed else content
    expected = stated(oracles.emnist, plain)
    must(np.array_equal(np.concatenate(rows), expected), "other values than the file's")


# IDX files of images and of their labels.


def idx_files(folder: Path) -> list[Target]:
    items = {
        "images": np.arange(30 * 12 * 11).astype(np.uint8).reshape(30, 12, 11),
        "labels": np.arange(30, dtype=np.uint8) % 10,
    }
    targets = []
    for end in ("", ".gz"):
        paths = {name: folder / f"{name}{end}" for name in items}
        for name, path in paths.items():
            idx.write(path, items[name], packed=False)
            if end == ".gz":
                path.write_bytes(gzip.compress(path.read_bytes()))
        read = partial(read_idx, paths)
        targets += [Target(path, mutations.BYTES, read) for path in paths.values()]
    return targets


def read_idx(paths: dict[str, Path], _: bytes) -> None:
    blocks = zip(*idx.read(*paths.values(), "mnist", "upright"), strict=True)
    found = [np.concatenate(part) if part else np.zeros(0) for part in blocks]
    contents = [path.read_bytes() for path in paths.values()]
    plain = [stated(oracles.unpacked, c) if c[:2] == b"\x1f\x8b" else c for c in contents]
    pixels, labels = stated(lambda both: oracles.idx(*both), plain)
    must(found[0].tolist() == labels, "other labels than the file's")
    must(found[1].ravel().tolist() == pixels, "other pixels than the file's")


# A zip of arrays.


def npz_files(folder: Path) -> list[Target]:
    """A zip, each of whose arrays has a checksum, and an array of it before it is packed."""
    images = np.arange(30 * 12 * 11).astype(np.uint8).reshape(30, 12, 11)
    labels = np.arange(30) % 10
    path, member = folder / "images.npz", folder / "x_test.npy"
    npz.write(path, x_test=images, y_test=labels)
    np.save(member, images)

    def read_zip(_: bytes) -> None:
        must(np.array_equal(read_npz(path), images), "other pixels")

    def read_member(content: bytes) -> None:
        with zipfile.ZipFile(folder / "packed.npz", "w") as archive:
            archive.writestr("x_test.npy", content)
            with archive.open("y_test.npy", "w") as file:
                np.save(file, labels)
        found = read_npz(folder / "packed.npz")
        must(np.array_equal(found, stated(oracles.array, content)), "other pixels")

    return [Target(path, mutations.BYTES, read_zip), Target(member, mutations.BYTES, read_member)]


def read_npz(path: Path) -> np.ndarray:
    return np.concatenate([images for _, images in npz.read(path, "test", "mnist", "upright")])


# Colour images: records, archives of them, and pickled batches.

BATCHES = ("data_batch_1", "test_batch")


def cifar_files(folder: Path) -> list[Target]:
    """Files of records, and archives of two batches, plain and packed."""
    labels = np.arange(6) % 10
    images = np.random.default_rng(0).integers(0, 256, (6, 32, 32, 3), dtype=np.uint8)
    for name in ("records.bin", "records.bin.gz"):
        cifar.write(folder / name, labels, images)
    packed = folder / "records.tar.gz"
    cifar.write_archive(packed, [(labels[:3], images[:3])], (labels[3:], images[3:]))
    (folder / "records.tar").write_bytes(gzip.decompress(packed.read_bytes()))
    names = ("records.bin", "records.bin.gz", "records.tar", packed.name)
    return [Target(folder / n, mutations.BYTES, partial(read_cifar, folder / n)) for n in names]


def read_cifar(path: Path, content: bytes) -> None:
    for part, batch in zip(cifar.PARTS, BATCHES, strict=True):
        found = stored(path, part)
        plain = stated(oracles.unpacked, content) if path.suffix == ".gz" else content
        if ".tar" in path.name:
            plain = stated(partial(oracles.batch, name=f"{batch}.bin"), plain)
        must(found == stated(oracles.records, plain), "other images than the file's")


def pickled_files(folder: Path) -> list[Target]:
    """Batches of either Python before they are put into an archive, and such an archive."""
    images = np.random.default_rng(0).integers(0, 256, (4, 3072), dtype=np.uint8)
    batch = {b"batch_label": b"one", b"labels": [3, 9, 0, 1], b"data": images}
    targets = []
    for name, content in {
        "three": pickle.dumps(batch, 4),
        "two": python_2(batch),
    }.items():
        (folder / name).write_bytes(content)
        archive = folder / f"{name}.tar"
        pack(archive, content)
        targets.append(Target(folder / name, mutations.BYTES, partial(read_pickle, archive)))
    packed = folder / "three.tar.gz"
    packed.write_bytes(gzip.compress((folder / "three.tar").read_bytes(), mtime=0))
    expected = stored(packed, "train")

    def read_packed(_: bytes) -> None:
        must(stored(packed, "train") == expected, "other images")

    return [*targets, Target(packed, mutations.BYTES, read_packed)]


def python_2(batch: dict) -> bytes:
    """A batch as cPickle of Python 2 writes it, with strings of bytes."""

    def text(content: bytes) -> bytes:
        return b"T" + len(content).to_bytes(4, "little") + content

    labels = b"".join(b"K" + bytes([label]) for label in batch[b"labels"])
    return (
        b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x03oneU\x06labels](" + labels + b"eU\x04data"
        b"cnumpy.core.multiarray\n_reconstruct\nq\x05cnumpy\nndarray\nK\x00\x85U\x01b\x87Rq\x06"
        b"(K\x01K\x04M\x00\x0c\x86cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89"
        + text(batch[b"data"].tobytes())
        + b"tbu."
    )


def pack(path: Path, content: bytes) -> None:
    """An archive of a batch of training images, and an empty one of test images."""
    with tarfile.open(path, "w") as archive:
        for name, held in zip(BATCHES, (content, b""), strict=True):
            member = tarfile.TarInfo(name)
            member.size = len(held)
            archive.addfile(member, io.BytesIO(held))


def read_pickle(archive: Path, content: bytes) -> None:
    pack(archive, content)
    found = stored(archive, "train")
    must(found == stated(oracles.pickled, content), "other images than the pickle's")


def stored(path: Path, part: str) -> tuple[list[int], list[int]]:
    """Labels and pixels as the library reads them, in the order of the file."""
    labels, images = zip(*cifar.read(path, part), strict=True)
    pixels = np.concatenate(images).transpose(0, 3, 1, 2).ravel()
    return np.concatenate(labels).tolist(), pixels.tolist()


# params.yaml.


def params_files(folder: Path) -> list[Target]:
    path = folder / "params.yaml"
    path.write_bytes(re.sub(rb" *# .*", b"", (ROOT / "params.yaml").read_bytes()))
    return [Target(path, mutations.YAML, lambda content: read_params(path, content))]


def read_params(path: Path, content: bytes) -> None:
    found = dump(load_params(path))
    must(stated(partial(oracles.agrees_with_yaml, found), content), "other values than the file's")


# What a built project holds.


def built(folder: Path) -> Project:
    """A tiny project that reads raw files, built."""
    project = Project(folder)
    name_raw_files(project, raw_contents()[0])
    project.run("dvc", "add", *RAW)
    project.snakemake()
    return project


def parquet_files(folder: Path) -> list[Target]:
    built(folder)
    files = (Path("data/interim/letters/test.parquet"), Path("data/processed/letters/test.parquet"))
    return [Target(path, mutations.BYTES, same_images(path)) for path in files]


def same_images(path: Path) -> Callable[[bytes], None]:
    """A reader that compares with what the file held first."""
    expected = read_images(path)

    def read(_: bytes) -> None:
        must(read_kind(path) == expected.kind, "another kind of images")
        for found in (read_images(path), join(list(read_blocks(path, 50)))):
            must(np.array_equal(found.labels, expected.labels), "other labels")
            must(found.pixels.keys() == expected.pixels.keys(), "other columns")
            for name, values in expected.pixels.items():
                must(np.array_equal(found.pixels[name], values), f"other pixels ({name})")

    return read


def join(blocks: list):
    """Blocks of images as one."""
    first = blocks[0]
    pixels = {n: np.concatenate([b.pixels[n] for b in blocks]) for n in first.pixels}
    return type(first)(first.kind, np.concatenate([b.labels for b in blocks]), pixels)


MODEL = Path("results/letters/models/vae_2")
ANALYSIS = Path("results/letters/analyses/vae_2")
EVALUATIONS = Path("results/letters/evaluations")


def safetensors_files(folder: Path) -> list[Target]:
    built(folder)
    arrays, weights = ANALYSIS / "arrays.safetensors", MODEL / "model.safetensors"
    return [
        Target(arrays, mutations.BYTES, lambda content: read_tensors(arrays, content)),
        Target(weights, mutations.BYTES, lambda _: use(load(MODEL))),
    ]


def read_tensors(path: Path, content: bytes) -> None:
    found, expected = read_arrays(path), stated(oracles.safetensors, content)
    must(found.keys() == expected.keys(), "other names than the file's")
    for name, values in found.items():
        must(np.array_equal(values, expected[name], equal_nan=True), "other values than the file's")
        must(np.isfinite(values).all(), f"{name} is not finite")


def use(model: Model) -> None:
    images = torch.zeros(1, *model.shape)
    must(model.reconstruct(images).isfinite().all(), "reconstructions are not finite")


def json_files(folder: Path) -> list[Target]:
    built(folder)
    graph = Path(".cache/graph.json")
    figures = [folder / f"figure-{i}.svg" for i in range(len(OF_A_VARIANT))]
    report = read_report("letters", YAML(typ="safe").load(Path("params.yaml")))
    results = Path("results/letters")

    def draw_report(_: bytes) -> None:
        typeset(folder / "report.pdf", Path("workflow"), **report)

    readers = {
        EVALUATIONS / "vae_2/seeds.json": read_seeds,
        MODEL / "config.json": lambda _: use(load(MODEL)),
        results / "comparison/comparison.json": draw_report,
        results / "data/letters/description.json": draw_report,
        graph: lambda _: read_costs(graph),
        Path("logs/results/letters/models/vae_2.jsonl"): lambda _: read_costs(graph),
        ANALYSIS / "analysis.json": lambda _: draw_variant(
            LOOK, "vae_2", MODEL, ANALYSIS, *figures
        ),
    }
    return [
        Target(path, mutations.JSON if path.suffix == ".json" else mutations.TEXT, read)
        for path, read in readers.items()
    ]


def read_seeds(content: bytes) -> None:
    table = vaepipe.results("letters")
    rows = table[table["variant"] == "vae_2"]
    expected = stated(oracles.seeds, content)
    must(all(type(seed) is int for seed, _, _ in expected), "a seed that is no whole number")
    must(all(is_finite(value) for _, _, value in expected), "a value that is not finite")
    found = list(zip(rows["seed"], rows["measure"], rows["value"], strict=True))
    must(found == expected, "other values than the file's")


def read_costs(graph: Path) -> None:
    nodes = read_nodes(graph)
    of_rules(nodes)
    for node in nodes:
        numbers = [n for n in (node.seconds, node.memory, *node.epochs) if n is not None]
        must(all(map(is_finite, numbers)), "a cost that is not finite")


def is_finite(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def history_files(folder: Path) -> list[Target]:
    built(folder)
    path = MODEL / "history.csv"
    return [Target(path, mutations.CSV, lambda content: read_history(path, folder, content))]


def read_history(path: Path, folder: Path, content: bytes) -> None:
    found = curves.read_history(path)
    curves.learning_curve(folder / "curve.svg", found, LOOK)
    expected = stated(oracles.history, content)
    columns = {name: list(values) for name, values in found.items()}
    must(columns == expected, "other values than the file's")


def states_files(folder: Path) -> list[Target]:
    config, splits = toys.config(batch_losses=True, snapshots=2), toys.splits()
    half = toys.config(batch_losses=True, snapshots=2, epochs=2)
    expected = train(config, *splits, folder / "whole")
    train(half, *splits, folder / "halted")

    def read(_: bytes) -> None:
        shutil.rmtree(folder / "resumed", ignore_errors=True)
        shutil.copytree(folder / "halted", folder / "resumed")
        found = train(config, *splits, folder / "resumed")
        for seed, weights in expected.weights.items():
            for name, values in weights.items():
                must(torch.equal(values, found.weights[seed][name]), "other weights")
            must(np.array_equal(expected.snapshots[seed], found.snapshots[seed]), "other snapshots")
        must(found.history == expected.history, "another history")
        must(found.batches == expected.batches, "other losses of batches")

    states = sorted(path for path in (folder / "halted").iterdir())
    return [Target(path, mutations.BYTES, read) for path in states]


# Caches that Snakemake reads as it starts.


def nodes_files(folder: Path) -> list[Target]:
    project = built(folder)
    paths = sorted(NODES.rglob("*.json"))[:4]
    return [Target(path, mutations.JSON, mended(project, path)) for path in paths]


def digests_files(folder: Path) -> list[Target]:
    project = built(folder)
    path = Path(".cache/digests.json")
    check = mended(project, path)
    good, other = Path(RAW[0]).read_bytes(), raw_contents()[1]

    def read(content: bytes) -> None:
        check(content)
        place(path, content)
        replace_raw_file(other)
        try:
            result = dry_run(project)
            stale = "Nothing to be done" not in output(result)
            must(result.returncode or stale, "another raw file goes unnoticed")
        finally:
            replace_raw_file(good)

    return [Target(path, mutations.JSON, read)]


def replace_raw_file(content: bytes) -> None:
    """By one that is as old."""
    path = Path(RAW[0])
    time = path.stat().st_mtime_ns
    place(path, content)
    os.utime(path, ns=(time, time))


def mended(project: Project, damaged: Path) -> Callable[[bytes], None]:
    """A check that Snakemake's node files state the same as before the damage."""
    expected = node_files()
    others = [path for path in NODES.rglob("*.json") if path != damaged]
    good = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in others}

    def read(_: bytes) -> None:
        for path, (content, time) in good.items():
            place(path, content)
            os.utime(path, ns=(time, time))
        result = dry_run(project)
        must(result.returncode or node_files() == expected, "node files state something else")

    return read


def dry_run(project: Project) -> subprocess.CompletedProcess:
    result = project.run("snakemake", "-n", REPORT, check=False)
    if found := fault(output(result)):
        raise RuntimeError(" ".join(found.split()))
    return result


def node_files() -> dict[str, dict]:
    """What node files state, but for the counter of foreign outputs, which may only make stale."""
    try:
        contents = {str(path): json.loads(path.read_text()) for path in NODES.rglob("*.json")}
    except (ValueError, RecursionError) as error:
        raise BrokenError(WRONG, "a damaged node file is left as it is") from error
    for content in contents.values():
        must(type(content.pop("foreign", 0)) is int, "the counter is no whole number")
    return contents


KINDS: dict[str, Callable[[Path], list[Target]]] = {
    "csv": csv_files,
    "idx": idx_files,
    "npz": npz_files,
    "cifar": cifar_files,
    "pickles": pickled_files,
    "params": params_files,
    "parquet": parquet_files,
    "safetensors": safetensors_files,
    "json": json_files,
    "history": history_files,
    "states": states_files,
    "nodes": nodes_files,
    "digests": digests_files,
}
