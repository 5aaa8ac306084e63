"""DVC's experiments, queue, plots and metrics, as its users know them."""

import csv
import io
import json
import shutil
import time

import pytest
from conftest import CLEAN, ROOT, Project

TABLE = ("python", "workflow/bridge/experiments.py")
RATE = "variants.{}.training.learning_rate={}"
TRAINED = {"train", "evaluate", "analyse", "letters_figures"}


def shown(project: Project) -> dict[str, dict[str, str]]:
    """The rows of `dvc exp show` by name of experiment or revision."""
    table = csv.DictReader(io.StringIO(project.run("dvc", "exp", "show", "--csv").stdout))
    return {row["Experiment"] or row["rev"]: row for row in table}


def test_an_experiment_runs_the_stale_nodes_and_is_applied_again(project):
    ran = project.repro("exp", "run", "-n", "fast", "-S", RATE.format("vae_2", 0.01))
    assert ran == {f"{script} vae_2" for script in TRAINED} | {
        "letters_compare",
        "report letters",
        "full_report",
    }
    made = (project.folder / "results/report.pdf").read_bytes()
    elbo = "results/letters/evaluations/vae_2/metrics.json:elbo"
    rows = shown(project)
    assert rows["fast"][elbo] != rows["master"][elbo]
    assert rows["fast"]["variants.vae_2.training.learning_rate"] == "0.01"

    project.run("git", "checkout", "-q", ".")
    project.run("dvc", "checkout")
    difference = project.run("dvc", "exp", "diff", "fast", "--json").stdout
    assert set(json.loads(difference)["metrics"]) == {elbo.split(":")[0]}
    told = project.run("python", "workflow/bridge/revisions.py", "HEAD", "fast").stdout
    assert "\nvae_2\n" in told and "vae_20" not in told
    table = project.run(*TABLE).stdout
    assert "variants.vae_2.training.learning_rate  0.003   0.01\n" in table
    assert "\nvae_2\n" in table and "\nvae_20\n" not in table
    assert f"  fast        {float(rows['fast'][elbo]):.1f} " in table
    row = next(r for r in project.run(*TABLE, "--markdown").stdout.splitlines() if "| fast | " in r)
    assert row == "| fast | variants.vae_2.training.learning_rate | 0.003 | 0.01 |"
    project.run("dvc", "exp", "apply", "fast")
    assert (project.folder / "results/report.pdf").read_bytes() == made
    project.adopt()
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_queued_experiments_run_side_by_side_from_their_own_source(project):
    """One of them was queued with edited code, which the working tree no longer has."""
    source = project.folder / "src/vaepipe/datasets/noise.py"
    before = source.read_text()
    source.write_text(before.replace("clean + level", "clean + 3 * level"))
    assert source.read_text() != before
    project.run("dvc", "exp", "run", "--queue", "-n", "noisier")
    source.write_text(before)
    project.run("dvc", "exp", "run", "--queue", "-n", "fast", "-S", RATE.format("vae_20", 0.01))
    project.run("dvc", "queue", "start", "-j", "2")
    try:
        while "Queued" in (status := project.run("dvc", "queue", "status").stdout) or (
            "Running" in status
        ):
            time.sleep(1)
    finally:
        project.run("dvc", "queue", "stop", "--kill", check=False)
    assert status.count("Success") == 2, status
    table = project.run(*TABLE).stdout
    assert "\nnoisier\n  src/vaepipe/datasets/noise.py " in table
    letters = table.partition("letters:")[2]
    assert (letters.count("  noisier "), letters.count("  fast ")) == (2, 1)
    rows = shown(project)
    for variant in ("vae_2", "vae_20"):
        prefix = f"results/letters/evaluations/{variant}/metrics.json:"
        master, noisier, fast = (
            {name: value for name, value in rows[row].items() if name.startswith(prefix)}
            for row in ("master", "noisier", "fast")
        )
        assert noisier != master
        assert (fast == master) == (variant == "vae_2")
    assert project.status() == CLEAN


def test_plots_of_two_revisions(project):
    project.repro("exp", "run", "-S", RATE.format("vae_2", 0.01))
    project.run("dvc", "plots", "diff", "-o", "plots")
    page = (project.folder / "plots/index.html").read_text()
    assert page.count("loss, nats per pixel (mean over the seeds)") == 2
    for revision in ("HEAD", "workspace"):
        assert f'"rev": "{revision}"' in page
        for figure in (
            "comparison_learning_curves",
            "comparison_reconstructions",
            "figures_vae_2_reconstructions",
            "figures_vae_20_traversal",
        ):
            image = f"static/{revision}_results_letters_{figure}.svg"
            assert image in page
            assert (project.folder / "plots" / image).read_text().startswith("<?xml")


@pytest.fixture
def shipped_metrics(project):
    """The committed metrics of the shipped params.yaml, in two versions."""
    shutil.copyfile(ROOT / "params.yaml", project.folder / "params.yaml")
    for path in ROOT.glob("results/*/evaluations/*/metrics.json"):
        copy = project.folder / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
    project.commit("metrics")
    for path in project.folder.glob("results/*/evaluations/*/metrics.json"):
        metrics = json.loads(path.read_text())
        path.write_text(json.dumps({name: value * 1.5 for name, value in metrics.items()}))
    return project


def test_metrics_diff_fits_in_100_columns(shipped_metrics):
    table = shipped_metrics.run("dvc", "metrics", "diff").stdout.rstrip().splitlines()
    assert len(table) == 1 + (8 + 3 + 4 + 2 + 1) * 6 + (7 + 2) * 4 + 2
    assert max(map(len, table)) <= 100, max(table, key=len)


def test_a_table_of_experiments_fits_in_100_columns(shipped_metrics):
    project = shipped_metrics
    assert "No experiment on the last commit is done" not in project.run(*TABLE).stdout
    project.edit({RATE.partition("=")[0].format("vae_20"): 0.01})
    table = project.run(*TABLE).stdout
    assert max(map(len, table.splitlines())) <= 100
    assert table.count("  here, edited  ") == 8 + 3 + 4 + 9 + 2 + 3
    assert "variants.vae_20.training.learning_rate  0.003   0.01" in table
    project.run("git", "checkout", "-q", ".")
    assert project.run(*TABLE).stdout.startswith("No experiment on the last commit is done")
