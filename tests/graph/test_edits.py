"""Edits and other writers during a run: nothing wrong is ever recorded or taken for fresh."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import CLEAN, Project

REPORT = "results/report.pdf"
SNAKEMAKE = ("snakemake", "--cores", "1", REPORT)
REPRO = ("dvc", "repro")
SEED = "studies.letters.evaluation.seed"
SEEDS = "results/letters/evaluations/vae_2/seeds.json"
EVALUATION = "logs/results/letters/evaluations/vae_2.log"
REPORTING = "logs/results/letters/report.log"
LIKELIHOOD = Path("src/vaepipe/models/likelihoods/bernoulli.py")


@contextmanager
def halted(project: Project, log: str, *command: str) -> Iterator[subprocess.Popen]:
    """A run that is stopped (not killed) when a script has begun; it goes on afterwards."""
    path = project.folder / log
    path.unlink(missing_ok=True)
    with project.halted(path.exists, *command) as process:
        yield process


def finished(process: subprocess.Popen) -> str:
    return process.communicate(timeout=600)[0]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def made(project: Project) -> dict[str, bytes]:
    """What a clean build of the present inputs says of the evaluations and the report."""
    project.run("snakemake", "--cores", "2", "--forceall", REPORT)
    return contents(project)


def contents(project: Project) -> dict[str, bytes]:
    names = (SEEDS, "results/letters/evaluations/vae_20/seeds.json", REPORT)
    return {name: (project.folder / name).read_bytes() for name in names}


def claims(project: Project) -> tuple[bool, bool]:
    """Whether Snakemake and DVC call everything up to date."""
    return project.snakemake("-n") == set(), project.status() == CLEAN


def check(project: Project) -> None:
    """Whatever is claimed fresh is what a clean build makes."""
    if any(claims(project)):
        before = contents(project)
        assert before == made(project)


def test_an_edit_that_is_taken_back_during_the_run_changes_nothing(project):
    project.edit({"studies.letters.training.epochs": 3})
    with halted(project, "logs/results/letters/models/vae_2.log", *SNAKEMAKE) as process:
        project.edit({SEED: 5})
        report = project.folder / REPORTING
        report.unlink()
    while not report.exists():  # until the evaluations are done
        assert process.poll() is None
        time.sleep(0.01)
    project.edit({SEED: 0})
    finished(process)
    assert process.returncode == 0
    assert claims(project)[0]
    before = contents(project)
    assert before == made(project)


def test_an_edit_during_the_run_waits_for_the_next(project):
    project.edit({"variants.vae_20.training.learning_rate": 0.02})
    with halted(project, EVALUATION.replace("vae_2", "vae_20"), *SNAKEMAKE) as process:
        project.edit({"report.title": "Edited meanwhile"})
    output = finished(process)
    assert process.returncode == 0
    assert "Not full_report, report@letters: edited or replaced since they were made" in output
    assert "train@vae_20" not in project.status() and "full_report" in project.status()
    assert project.snakemake() == {"report letters", "full_report"}
    assert claims(project) == (True, True)


def test_an_edit_that_is_taken_back_after_the_run_records_nothing_wrong(project):
    project.edit({"variants.vae_2.training.learning_rate": 0.02})
    with halted(project, "logs/results/letters/models/vae_2.log", *SNAKEMAKE) as process:
        project.edit({SEED: 5})
    finished(process)
    project.edit({SEED: 0})
    project.run("python", "workflow/bridge/record.py", check=False)
    check(project)
    assert claims(project)[0]


@pytest.mark.parametrize("command", [SNAKEMAKE, REPRO], ids=["snakemake", "dvc"])
def test_code_that_is_edited_while_a_node_runs(project, command):
    project.edit({SEED: 1})
    code = project.folder / LIKELIHOOD
    with halted(project, EVALUATION, *command) as process:
        edit(code, "logits", "lo_gits")
    finished(process)
    check(project)
    assert claims(project) == (False, False)


def test_code_edited_and_taken_back_while_a_node_runs(project):
    project.edit({SEED: 1})
    code = project.folder / "src/vaepipe/measures/bounds.py"
    good = code.read_text()
    with halted(project, EVALUATION, *SNAKEMAKE) as process:
        code.write_text(good + "\nraise SystemExit(1)\n")
    time.sleep(1)
    code.write_text(good)
    finished(process)
    check(project)


def test_another_writer_during_the_run(project):
    """`dvc checkout` brings other data while nodes read them."""
    processed = project.folder / "data/processed/letters/test.parquet"
    project.edit({"datasets.letters.level": 0.1})
    project.snakemake()
    other = processed.read_bytes()
    project.edit({"datasets.letters.level": 0.2})
    project.snakemake()
    good = processed.read_bytes()
    assert good != other
    project.edit({SEED: 3})
    with halted(project, EVALUATION, *SNAKEMAKE) as process:
        processed.unlink()
        processed.write_bytes(other)
    output = finished(process)
    assert "prepare@letters" not in project.status() or not claims(project)[0]
    check(project)
    processed.unlink()
    processed.write_bytes(good)
    check(project)
    project.run("python", "workflow/bridge/record.py", check=False)
    check(project)
    assert "Traceback" not in output


def test_an_output_that_is_replaced_during_the_run_is_not_recorded(project):
    processed = project.folder / "data/processed/letters/test.parquet"
    other = processed.read_bytes()
    project.edit({"datasets.letters.level": 0.1})
    with halted(project, EVALUATION, *SNAKEMAKE) as process:
        processed.unlink()
        processed.write_bytes(other)
    output = finished(process)
    assert re.search(r"Not .*prepare@letters.*: edited or replaced", output)
    assert not any(claims(project))
    project.snakemake()
    assert claims(project) == (True, True)


def test_stale_outputs_that_were_touched_stay_stale(project):
    project.edit({"studies.letters.figures.colormap": "viridis"})
    project.run("snakemake", "--touch", "--cores", "1", REPORT)
    assert "letters_figures vae_2" in project.snakemake("-n")
    assert project.run("python", "workflow/bridge/record.py", check=False).returncode
    assert "letters_figures@vae_2" in project.status()


def test_a_dry_run_beside_a_run_does_not_disturb_its_plans(project):
    project.edit({SEED: 1})
    with halted(project, EVALUATION, *SNAKEMAKE) as process:
        assert "Job stats" in project.run("snakemake", "-n", REPORT).stdout
        project.edit({SEED: 2})
        assert "Snakemake is at work here (process" in project.refused("snakemake", "-n", REPORT)
    finished(process)
    assert process.returncode == 0
    check(project)
    assert "evaluate vae_2" in project.snakemake()


def test_an_entry_that_dvc_made_of_an_edit_is_removed(project):
    """As if params.yaml had been edited between the end of a script and what DVC takes down."""
    project.edit({SEED: 1})
    project.repro()
    project.edit({SEED: 2})
    lock = project.folder / "dvc.lock"
    name = "evaluate@vae_2"
    begin = lock.read_text().index(f"  {name}:")
    entry = lock.read_text()[begin:]
    lock.write_text(lock.read_text()[:begin] + entry.replace("seed: 1", "seed: 2", 1))
    assert f"{name}:" not in project.status()
    with subprocess.Popen(["sleep", "0.1"]) as sleeper:
        record = ".cache/provenance/results/letters/evaluations/vae_2.json"
        os.utime(project.folder / record)
        result = project.run("python", "workflow/bridge/witness.py", str(sleeper.pid))
    assert f"removed from dvc.lock: {name}" in result.stderr
    assert f"{name}:" in project.status()
    assert name in {stage.replace(" ", "@") for stage in project.repro()}
    assert claims(project)[1]
    project.adopt()
    check(project)
