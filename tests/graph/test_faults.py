"""Two engines at once, kills, and folders that are not as they should be."""

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from conftest import CLEAN, Project

REPORT = "results/report.pdf"
LOG = "logs/results/letters/models/vae_20.log"
SNAKEMAKE = ("snakemake", "--cores", "2", REPORT)
REPRO = ("dvc", "repro")


EDITS = {
    "studies.letters.training.epochs": 120,
    "variants.vae_20.training.learning_rate": 0.02,
}


@pytest.fixture(scope="module")
def uninterrupted(built, tmp_path_factory):
    """What a run makes of the edits when nothing disturbs it."""
    project = built.copy(tmp_path_factory.mktemp("uninterrupted") / "project")
    project.edit(EDITS)
    project.run(*SNAKEMAKE)
    return project


@contextmanager
def halted_in_training(project: Project, *command: str) -> Iterator[subprocess.Popen]:
    """A run that has been stopped (not killed) while it trains vae_20; it goes on afterwards."""
    project.edit(EDITS)
    (project.folder / LOG).unlink(missing_ok=True)
    with project.halted(lambda: "epoch 2/" in read(project, LOG), *command) as process:
        yield process
    process.wait()


def holder(message: str) -> int:
    """The process group of the process that a message names."""
    return os.getpgid(int(re.search(r"\(PID (\d+)\)", message)[1]))


def read(project: Project, name: str) -> str:
    path = project.folder / name
    return path.read_text() if path.exists() else ""


def test_a_second_snakemake_is_refused(project):
    with halted_in_training(project, *SNAKEMAKE) as process:
        assert "no other Snakemake process" in project.refused(*SNAKEMAKE)
    assert process.returncode == 0
    assert project.snakemake("-n") == set()
    assert project.status() == CLEAN


def test_dvc_finds_the_files_busy_while_snakemake_runs(project):
    with halted_in_training(project, *SNAKEMAKE) as process:
        message = project.refused(*REPRO)
        assert "is busy" in message and "snakemake --cores 2" in message
        assert holder(message) == process.pid
    assert process.returncode == 0
    assert project.status() == CLEAN


def test_snakemake_finds_the_files_busy_while_dvc_runs(project):
    with halted_in_training(project, *REPRO) as process:
        message = project.refused(*SNAKEMAKE)
        assert "DVC is at work on the same files" in message
        assert holder(message) == process.pid
    assert process.returncode == 0
    assert project.status() == CLEAN
    project.adopt()
    assert project.snakemake("-n") == set()


@pytest.mark.parametrize(("first", "second"), [(SNAKEMAKE, REPRO), (REPRO, SNAKEMAKE)])
def test_the_other_engine_goes_on_after_a_kill(project, first, second, uninterrupted):
    with halted_in_training(project, *first) as process:
        os.killpg(process.pid, signal.SIGCONT)
        time.sleep(random.uniform(0, 1))
        os.killpg(process.pid, signal.SIGKILL)

    project.run(*second)
    epochs = read(project, LOG)
    assert "resumed after epoch" in epochs or "epoch" not in epochs
    assert "seed 0 epoch 1/" not in epochs
    for name in (REPORT, "results/letters/models/vae_20/model.safetensors"):
        made = (project.folder / name).read_bytes()
        assert made == (uninterrupted.folder / name).read_bytes()
    assert project.status() == CLEAN or second == SNAKEMAKE
    project.run("snakemake", "--unlock")
    assert project.snakemake("-n") == set() or second == REPRO


def test_a_corrupt_training_state_is_named_and_not_used(project):
    with halted_in_training(project, *SNAKEMAKE) as process:
        os.killpg(process.pid, signal.SIGKILL)
    states = sorted((project.folder / ".cache/training").rglob("*.state"))
    assert states
    for state in states:
        state.write_bytes(state.read_bytes()[:100])
    project.run("snakemake", "--unlock")
    project.run(*SNAKEMAKE)
    assert "damaged training state" in read(project, LOG)
    assert "seed 0 epoch 1/" in read(project, LOG)
    assert project.status() == CLEAN


def test_without_the_dvc_package_a_run_succeeds(project, monkeypatch, tmp_path):
    (tmp_path / "absent/dvc").mkdir(parents=True)
    (tmp_path / "absent/dvc/__init__.py").write_text("raise ImportError('no DVC here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "absent"))
    project.edit({"report.title": "No DVC"})
    result = project.run(*SNAKEMAKE)
    assert "Not recorded for DVC: DVC is not installed." in result.stderr
    assert project.snakemake("-n") == set()


def test_a_folder_of_no_variant_is_named_and_nothing_is_lost(project):
    left_over = project.folder / "results/letters/models/vae_old/model.safetensors"
    left_over.parent.mkdir()
    left_over.write_text("a week of training")
    for command in (SNAKEMAKE, REPRO):
        project.edit({"studies.letters.comparison.baseline": "vae_20"})
        assert "Move results/letters/models/vae_old elsewhere" in project.refused(*command)
    assert left_over.exists()
    shutil.rmtree(left_over.parent)
    project.run(*SNAKEMAKE)
    assert project.status() == CLEAN
