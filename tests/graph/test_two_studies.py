"""A second study on the data set of the first: added, edited, removed; the first is left alone."""

import csv
import shutil

import pytest
from conftest import CLEAN, Project
from safetensors.numpy import load_file

FIRST = {"report letters", "full_report"}
VARIANTS = ("narrow", "wide")
SECOND = {"second_describe letters", "second_compare", "report second"} | {
    f"{script} {name}"
    for script in ("train", "evaluate", "analyse", "second_figures")
    for name in VARIANTS
}


@pytest.fixture(scope="module")
def both(built, tmp_path_factory):
    """A built project to which a study has been added, and what that ran."""
    project = built.copy(tmp_path_factory.mktemp("both") / "project")
    project.add_study()
    planned = project.snakemake("-n")
    alone = project.run("snakemake", "--cores", "2", "results/letters/report.pdf")
    ran = project.snakemake()
    return project, planned, alone.stdout + alone.stderr, ran


def test_an_added_study_runs_its_own_nodes_and_the_reports(both):
    project, planned, _, ran = both
    assert planned == SECOND | FIRST
    assert ran == SECOND | {"full_report"}
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_the_report_of_one_study_needs_nothing_of_another(both):
    _, _, alone, _ = both
    assert "report.py letters" in alone
    assert "narrow" not in alone and "second" not in alone.replace("seconds", "")


def test_dvc_makes_the_report_of_one_study_alone(both, tmp_path):
    project = both[0].copy(tmp_path / "project")
    project.edit({"report.letters.title": "Other", "report.second.title": "Other"})
    assert project.repro("repro", "report@letters") == {"report letters"}


def test_a_study_may_ask_for_batches_and_snapshots(both):
    models = both[0].folder / "results/second/models/narrow"
    with (models / "batches.csv").open() as file:
        rows = list(csv.DictReader(file))
    steps = -(-26 * 12 // 50)
    assert [int(row["step"]) for row in rows] == list(range(1, 2 * steps + 1))
    assert load_file(models / "snapshots.safetensors")["seed-5"].shape == (2, 2, 784)
    other = both[0].folder / "results/letters/models/vae_2"
    assert len((other / "batches.csv").read_text().splitlines()) == 1
    assert load_file(other / "snapshots.safetensors") == {}


@pytest.mark.parametrize(
    ("edit", "studies"),
    [
        ({"datasets.letters.level": 0.1}, {"letters", "second"}),
        ({"studies.second.model.latent": 2}, {"second"}),
        ({"variants.vae_2.training.batch_size": 60}, {"letters"}),
    ],
    ids=["shared data", "second", "first"],
)
def test_an_edit_trains_what_reads_it(both, tmp_path, edit, studies):
    project = both[0].copy(tmp_path / "project")
    project.edit(edit)
    names = {"letters": "vae_2", "second": "narrow"}
    planned = project.snakemake("-n")
    assert {study for study, name in names.items() if f"train {name}" in planned} == studies


def test_a_removed_study_leaves_the_tree_as_it_was(both, built, tmp_path):
    project = both[0].copy(tmp_path / "project")
    remove_study(project)
    assert project.snakemake() == FIRST
    report = "results/report.pdf"
    assert (project.folder / report).read_bytes() == (built.folder / report).read_bytes()
    assert project.status() == CLEAN
    assert not project.run("git", "status", "--short").stdout


def remove_study(project: Project) -> None:
    project.run("git", "status")  # else git takes copied files for changed and writes them anew
    project.run("git", "checkout", "-q", ".")
    project.run("git", "clean", "-fdq", "src", "workflow")
    shutil.rmtree(project.folder / "results/second")
