"""Colour images from an archive of CIFAR-10 to a model's measures and figure, by either engine.

Those of one data set are the user's own, those of another drawn by the project.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from vaepipe.datasets.formats import cifar

ARCHIVE = "data/raw/cifar.tar.gz"
MEASURES = "results/second/evaluations/narrow/seeds.json"
STAGE = "evaluate@narrow"
FIGURE = "results/second/figures/narrow/samples.svg"
DRAWN = "data/sample/things/cifar-10-binary.tar.gz"
PREPARED = "data/processed/things/train.parquet"

CHECKS = """
import vaepipe

objects = vaepipe.data("objects", split="train")
assert objects.images.shape == objects.noisy.shape == (140, 32, 32, 3)
assert objects.classes == ("ship", "dog")
assert set(objects.characters) == {"ship", "dog"}
red = objects.images[objects.characters == "ship"]
assert red[..., 0].mean() > 0.4 > red[..., 2].mean()
model = vaepipe.load("results/second/models/narrow")
assert model.reconstruct(objects.noisy[:3]).shape == model.sample(3, 0).shape == (3, 32, 32, 3)

things = vaepipe.data("things", split="train")
assert things.images.shape == (4 * 3, 32, 32, 3)
assert things.classes == ("frog", "horse", "truck")
assert things.images[..., 0].mean() != things.images[..., 2].mean()
"""


def images(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Labels of all ten classes and images of noise, those of ships reddish."""
    pixels = np.random.default_rng(seed).integers(0, 90, (count, 32, 32, 3), dtype=np.uint8)
    labels = np.arange(count) % 10
    pixels[labels == cifar.CLASSES.index("ship"), ..., 0] += 100
    return labels, pixels


@pytest.fixture
def project(plain, tmp_path):
    project = plain.copy(tmp_path / "project")
    project.add_study()
    classes = ["ship", "dog"]
    project.edit({"sources.cifar.objects": {"train": ARCHIVE, "test": ARCHIVE, "classes": classes}})
    data = {"source": "objects", "pixels": "grey", "noise": "gaussian", "level": 0.1, "seed": 0}
    project.edit_block("datasets", lambda block: block | {"objects": data})
    judge = {"batch_size": 20, "channels": [2, 4], "features": 6, "epochs": 2}
    project.edit_block("judges", lambda block: block | {"objects": block["letters"] | judge})
    project.edit({"samples.cifar.things": {"seed": 0, "train_per_class": 4, "test_per_class": 2}})
    drawn = dict.fromkeys(("train", "test"), DRAWN) | {"classes": ["frog", "horse", "truck"]}
    project.edit({"sources.cifar.things": drawn})
    project.edit({"datasets.things": data | {"source": "things"}})
    project.edit_block("judges", lambda block: block | {"things": block["objects"]})
    project.edit({"variants.narrow.dataset": "objects", "variants.wide.dataset": "things"})
    project.edit({"studies.second.datasets": ["objects", "things"]})
    return project


def drawn(project) -> dict[Path, bytes]:
    """What was made of the drawn pictures, from the archive to the prepared images."""
    paths = (project.folder / "data").glob("*/things/*")
    return {path: path.read_bytes() for path in paths}


def put(project, seed: int) -> None:
    """An archive in place of the one before it, as old and as long."""
    path = project.folder / ARCHIVE
    new = path.with_name("new.tar.gz")
    cifar.write_archive(new, [images(400, seed), images(300, seed + 1)], images(100, seed + 2))
    if path.exists():
        before = path.stat()
        os.utime(new, ns=(before.st_atime_ns, before.st_mtime_ns))
    new.replace(path)


def test_both_engines_build_it_and_see_another_archive(project):
    put(project, 0)
    project.run("snakemake", "--cores", "2", MEASURES, FIGURE, PREPARED)
    project.run("python", "-c", CHECKS)
    stages = (STAGE, "second_figures@narrow", "prepare@things")
    assert "up to date" in project.run("dvc", "status", "--with-deps", *stages).stdout
    first = (project.folder / MEASURES).read_bytes()
    put(project, 5)
    assert "ingest_cifar" in project.run("snakemake", "-n", MEASURES).stdout
    assert f"modified:           {ARCHIVE}" in project.run("dvc", "status").stdout
    assert "Running stage 'ingest_cifar@objects'" in project.run("dvc", "repro", STAGE).stdout
    second = (project.folder / MEASURES).read_bytes()
    assert first != second
    project.run("snakemake", "--cores", "2", "--forcerun", "ingest_cifar", "--", MEASURES)
    assert (project.folder / MEASURES).read_bytes() == second
    made = drawn(project)
    assert len(made) == 5
    again = project.run("dvc", "repro", "--force", "prepare@things").stdout
    assert "Running stage 'sample_cifar@things'" in again
    assert drawn(project) == made
