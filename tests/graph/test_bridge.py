"""Snakemake and DVC on one working tree: neither shows a stale result as fresh."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import GIT, Project

RATE = "variants.vae_20.training.learning_rate"
REPORT = "results/report.pdf"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A project that Snakemake has built and recorded, committed to git."""
    project = Project(tmp_path_factory.mktemp("bridge"))
    result = project.run("snakemake", "--cores", "2", REPORT)
    assert "Recorded" in result.stderr
    for command in (["add", "-A"], ["commit", "-qm", "built"]):
        project.run(*GIT, *command)
    return project


@pytest.fixture
def project(built, tmp_path):
    """A copy of it for one test; times are kept, since both engines look at them."""
    copy = object.__new__(Project)
    copy.folder = tmp_path / "project"
    shutil.copytree(built.folder, copy.folder, symlinks=True)
    return copy


def status(project: Project) -> str:
    return project.run("dvc", "status").stdout.strip()


CLEAN = "Data and pipelines are up to date."


def test_after_snakemake_dvc_has_nothing_to_do(project):
    assert status(project) == CLEAN
    assert project.repro() == set()
    assert project.snakemake("-n") == set()


def test_recording_an_edit(project):
    project.edit({RATE: 0.02})
    project.snakemake()
    assert status(project) == CLEAN
    rows = project.run("dvc", "metrics", "diff").stdout
    assert "vae_20/metrics.json" in rows and "vae_2/" not in rows


def test_a_partial_target_records_what_ran_and_no_more(project):
    project.edit({RATE: 0.02})
    project.run("snakemake", "--cores", "2", "results/letters/models/vae_20/model.safetensors")
    shown = status(project)
    assert "train@vae_20" not in shown
    assert "evaluate@vae_20" in shown and "letters_compare" in shown


def test_a_failed_run_records_what_succeeded(project):
    project.edit({RATE: 0.02, "variants.vae_2.training.batch_size": 100_000})
    project.run("snakemake", "--cores", "2", "-k", REPORT, check=False)
    shown = status(project)
    assert "train@vae_2:" in shown
    assert "train@vae_20" not in shown and "letters_figures@vae_20" not in shown


def test_an_edit_during_the_run_is_not_recorded(project):
    before = (project.folder / "dvc.lock").read_bytes()
    project.edit({RATE: 0.02})
    process = start(project, "snakemake", "--cores", "1", REPORT)
    wait_for(project, "logs/results/letters/evaluations/vae_20.log", process)
    project.edit({"report.title": "Edited meanwhile"})
    output = process.communicate()[0]
    assert "edited while it ran" in output
    assert (project.folder / "dvc.lock").read_bytes() == before
    assert project.snakemake() == {"report"}
    catch_up(project)
    assert status(project) == CLEAN


def start(project: Project, *command: str) -> subprocess.Popen:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.Popen(
        command,
        cwd=project.folder,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def wait_for(project: Project, log: str, process: subprocess.Popen) -> None:
    """Wait until a script has begun to write its log anew."""
    began = time.time()
    path = project.folder / log
    while not path.exists() or path.stat().st_mtime < began:
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.05)


def catch_up(project: Project) -> None:
    project.run("python", "workflow/bridge/record.py")


def adopt(project: Project, check: bool = True) -> subprocess.CompletedProcess:
    return project.run("python", "workflow/bridge/adopt.py", check=check)


def test_after_dvc_snakemake_takes_over_by_adoption(project):
    project.edit({RATE: 0.02})
    refused = adopt(project, check=False)
    assert refused.returncode == 1 and "dvc repro" in refused.stderr
    project.repro()
    assert project.snakemake("-n") != set()
    adopt(project)
    assert project.snakemake("-n") == set()
    assert status(project) == CLEAN


def test_an_edit_built_by_dvc_and_taken_back_is_stale_for_snakemake(project):
    """Without the counter in the node files, Snakemake would take the other edit's files."""
    before = (project.folder / "params.yaml").read_text()
    good = (project.folder / REPORT).read_bytes()
    project.edit({RATE: 0.02})
    project.repro()
    (project.folder / "params.yaml").write_text(before)
    assert "train vae_20" in project.snakemake("-n")
    project.snakemake()
    assert (project.folder / REPORT).read_bytes() == good
    assert status(project) == CLEAN


def test_a_checkout_of_another_branch_is_adopted(project):
    project.run("git", "checkout", "-q", "-b", "other")
    project.edit({RATE: 0.02})
    project.snakemake()
    project.run(*GIT, "commit", "-qam", "other")
    project.run("git", "checkout", "-q", "-")
    project.run("dvc", "checkout")
    assert project.snakemake("-n") != set()
    adopt(project)
    assert project.snakemake("-n") == set()
    assert status(project) == CLEAN


def test_a_tampered_output_is_rebuilt(project):
    path = project.folder / "results/letters/models/vae_2/history.csv"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"test", b"trial"))
    assert "train vae_2" in project.snakemake("-n")
    project.snakemake()
    assert path.read_bytes() == good
    assert status(project) == CLEAN


def test_killed_before_recording_is_caught_up(project):
    project.edit({RATE: 0.02})
    process = start(project, "snakemake", "--cores", "1", REPORT)
    wait_for(project, "logs/results/report.log", process)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    project.run("snakemake", "--unlock")
    project.snakemake()
    catch_up(project)
    assert status(project) == CLEAN
    assert project.snakemake("-n") == set()


def test_catching_up_refuses_where_snakemake_has_work(project):
    project.edit({RATE: 0.02})
    result = project.run("python", "workflow/bridge/record.py", check=False)
    assert result.returncode == 1 and "nothing was recorded" in result.stderr


def test_without_git_and_dvc_a_run_succeeds(project):
    for name in (".git", ".dvc"):
        shutil.rmtree(project.folder / name)
    project.edit({"report.title": "No repository"})
    result = project.run("snakemake", "--cores", "2", REPORT)
    assert "Not recorded for DVC" in result.stderr


def test_a_damaged_node_file_is_written_anew(project):
    (project.folder / ".cache/nodes/train/letters/vae_2.json").write_text("{")
    project.snakemake()
    assert project.snakemake("-n") == set()
    assert status(project) == CLEAN
