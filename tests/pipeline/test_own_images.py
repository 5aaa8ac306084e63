"""A folder of images with a table, and arrays of numpy, to prepared images, by either engine."""

import io
import os

import numpy as np
import pytest
from PIL import Image

from vaepipe.datasets.images import read_images

FOLDER, INDEX = "data/raw/faces", "data/raw/faces.csv"
PREPARED = "data/processed/letters/train.parquet"
SOURCE = {
    "file": INDEX,
    "height": 16,
    "width": 12,
    "fit": "crop",
    "channels": 1,
    "background": "#ffffff",
    "attributes": "table.csv",
    "label": "hair",
    "classes": ["0", "1"],
    "test_share": 0.2,
    "seed": 0,
    "damaged": "stop",
    "most_pixels": 10_000,
}


def image(value: int) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((20, 15, 3), value, np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture
def project(plain, tmp_path):
    project = plain.copy(tmp_path / "project")
    project.edit({"samples.emnist": {}, "sources.emnist": {}})
    project.edit({"studies.letters.analysis.characters": "0"})
    return project


def test_a_folder_of_images_with_attributes(project):
    project.edit({"sources.images.letters": SOURCE})
    folder = project.folder / FOLDER
    folder.mkdir(parents=True)
    for i in range(20):
        (folder / f"{i}.png").write_bytes(image(10 * i))
    rows = "".join(f"{i}.png,{i % 2},h{i}\n" for i in range(20))
    (folder / "table.csv").write_text(f"file,hair,hat\n{rows}")
    index = ("python", "workflow/scripts/index_images.py", FOLDER)
    assert f"Name {INDEX} as `file`" in project.run(*index).stdout

    project.run("snakemake", "--cores", "2", PREPARED)
    status = ("dvc", "status", "--with-deps", "prepare@letters")
    assert "up to date" in project.run(*status).stdout
    images = read_images(project.folder / PREPARED)
    assert images.kind.shape == (16, 12) and images.kind.classes == ("0", "1")
    numbers = np.rint(images.pixels["clean"][:, 0] * 25.5).astype(int)
    assert sorted(images.attributes["hat"]) == sorted(f"h{i}" for i in numbers)
    assert images.attributes["hair"].tolist() == [str(i % 2) for i in numbers]
    first = (project.folder / PREPARED).read_bytes()

    (folder / f"{numbers[0]}.png").write_bytes(image(255))
    failed = project.run("dvc", "repro", "--force", "ingest_images@letters", check=False)
    assert f"{numbers[0]}.png: is not the file that {INDEX} states" in failed.stderr
    assert f"Run `{' '.join(index)}` again" in failed.stderr
    before = (project.folder / INDEX).stat()
    project.run(*index)
    os.utime(project.folder / INDEX, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "ingest_images" in project.run("snakemake", "-n", PREPARED).stdout
    project.run("dvc", "repro", "prepare@letters")
    assert (read_images(project.folder / PREPARED).pixels["clean"][0] == 1).all()
    assert (project.folder / PREPARED).read_bytes() != first


def test_arrays_without_labels(project):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (2, 9, 12, 11, 1), dtype=np.uint8)
    source = {"classes": ["0"]}
    for part, values in zip(("train", "test"), images, strict=True):
        path = f"data/raw/{part}.npy"
        np.save(project.folder / path, values)
        source[part] = dict.fromkeys(("images", "labels"), path)
    project.edit({"sources.arrays.letters": source})
    project.run("dvc", "repro", "prepare@letters")
    found = read_images(project.folder / PREPARED.replace("train", "test")).pixels["clean"]
    assert (np.rint(found * 255) == images[1].reshape(9, -1)).all()
    made = (project.folder / PREPARED).read_bytes()
    project.run("snakemake", "--cores", "1", "--forceall", PREPARED)
    assert (project.folder / PREPARED).read_bytes() == made
