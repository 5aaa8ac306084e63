"""The study `digits` alone, small, by either engine: the same bytes, and a chapter."""

import pytest
from conftest import Project

REPORT = "results/digits/report.pdf"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("digits"), digits=True)


@pytest.fixture(scope="module")
def built(project, tmp_path_factory):
    """A copy that Snakemake has built; the targets are named out of order, in a new clone."""
    built = project.copy(tmp_path_factory.mktemp("built") / "project")
    figure = "results/digits/figures/cvae_2/ring.svg"
    built.run("snakemake", "--cores", "2", "results/digits/comparison/comparison.json", figure)
    built.run("snakemake", "--cores", "2", REPORT)
    return built


def test_nothing_of_another_study_is_made(built):
    assert not list(built.folder.glob("results/letters/*/*"))
    assert built.run("snakemake", "-n", REPORT).stdout.count("Nothing to be done") == 1


def test_dvc_makes_the_same_bytes(built, project):
    project.run("dvc", "repro", "report@digits")
    made = [path for path in (built.folder / "results/digits").rglob("*") if path.is_file()]
    assert len(made) > 40
    for path in made:
        twin = project.folder / path.relative_to(built.folder)
        assert twin.read_bytes() == path.read_bytes(), twin


def test_an_edit_of_a_figure_trains_nothing(built):
    built.edit({"studies.digits.figures.colormap": "gray"})
    planned = built.run("snakemake", "-n", REPORT).stdout
    assert "digits/figures.py" in planned and "digits/compare.py" in planned
    assert not {"train.py", "evaluate.py", "analyse.py"} & set(planned.replace("/", " ").split())
