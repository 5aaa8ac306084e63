"""The drawn avatars as data of the study `objects`, as docs/data.md says, by either engine."""

import pytest
from conftest import Project, blocks
from ruamel.yaml import YAML

from vaepipe.datasets.images import read_images
from vaepipe.datasets.samples.avatars.attributes import SHARES

JUDGE = "results/judges/objects/judge.json"
FOLDERS = (
    "data/sample/avatars",
    "data/interim/avatars",
    "data/processed/objects",
    "results/judges/objects",
)


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path / "project", "objects")
    (block,) = (block for block in blocks("yaml") if "avatars.zip" in block)
    for section, named in YAML(typ="safe").load(block).items():
        project.edit({f"{section}.{name}": of for name, of in named.items()})
    project.edit({"samples.images.avatars.train": 90, "samples.images.avatars.test": 40})
    return project


def test_both_engines_draw_read_prepare_and_judge_them(project, tmp_path):
    other = project.copy(tmp_path / "other")
    project.run("snakemake", "--cores", "2", JUDGE)
    status = project.run("dvc", "status", "--with-deps", "judge@objects").stdout
    assert "up to date" in status
    drawn = other.run("dvc", "repro", "judge@objects").stdout
    assert "Running stage 'sample_images@avatars'" in drawn
    for folder in FOLDERS:
        one, two = (sorted((made.folder / folder).iterdir()) for made in (project, other))
        assert one
        assert [path.name for path in one] == [path.name for path in two]
        assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    for part, most in (("train", 90), ("test", 40)):
        images = read_images(project.folder / f"data/processed/objects/{part}.parquet")
        assert images.kind.shape == (32, 32, 3)
        assert 0.8 * most < len(images.labels) <= most
        assert list(images.attributes) == list(SHARES)
        colours = [images.kind.classes[label] for label in images.labels]
        assert images.attributes["hair_colour"].tolist() == colours
        assert set(colours) == {"blond", "brown", "red", "grey", "black"}
