"""A study alone, small, by either engine: the same bytes, and a chapter."""

import pytest
from conftest import BESIDE, Project


@pytest.fixture(scope="module", params=BESIDE)
def study(request):
    return request.param


@pytest.fixture(scope="module")
def report(study):
    return f"results/{study}/report.pdf"


@pytest.fixture(scope="module")
def project(study, tmp_path_factory):
    return Project(tmp_path_factory.mktemp(study), beside=study)


@pytest.fixture(scope="module")
def built(project, study, report, tmp_path_factory):
    """A copy that Snakemake has built; the targets are named out of order, in a new clone."""
    built = project.copy(tmp_path_factory.mktemp("built") / "project")
    variant = BESIDE[study][f"studies.{study}.variants"][0]
    figure = f"results/{study}/figures/{variant}/architecture.svg"
    built.run("snakemake", "--cores", "2", f"results/{study}/comparison/comparison.json", figure)
    built.run("snakemake", "--cores", "2", report)
    return built


def test_nothing_of_another_study_is_made(built, report):
    assert not list(built.folder.glob("results/letters/*/*"))
    assert built.run("snakemake", "-n", report).stdout.count("Nothing to be done") == 1


def test_dvc_makes_the_same_bytes(built, project, study):
    project.run("dvc", "repro", f"report@{study}")
    made = [path for path in (built.folder / "results" / study).rglob("*") if path.is_file()]
    assert len(made) > 40
    for path in made:
        twin = project.folder / path.relative_to(built.folder)
        assert twin.read_bytes() == path.read_bytes(), twin


def test_an_edit_of_a_figure_trains_nothing(built, study, report):
    built.edit({f"studies.{study}.figures.colormap": "magma"})
    planned = built.run("snakemake", "-n", report).stdout
    assert f"{study}/figures.py" in planned and f"{study}/compare.py" in planned
    assert not {"train.py", "evaluate.py", "analyse.py"} & set(planned.replace("/", " ").split())
