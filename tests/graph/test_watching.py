"""What a user sees of a run: where it stands, why it failed, what it cost."""

import os
import re
import signal
import time
from datetime import datetime

import pytest
from conftest import CLEAN, Project

LOG = "logs/results/letters/models/{}.log"
TRAINED = "results/letters/models/{}/model.safetensors"


def last_lines(project: Project, count: int, *command: str) -> list[str]:
    process = project.start(*command)
    output = process.communicate()[0]
    assert process.returncode
    return output.strip().splitlines()[-count:]


def test_the_last_lines_name_node_cause_and_log_in_snakemake(project):
    project.edit({"variants.vae_20.training.batch_size": 5000})
    cause, log = last_lines(project, 2, "snakemake", "--cores", "2", "results/report.pdf")
    key = "params.yaml: variants.vae_20.training.batch_size: 5000 is larger than"
    assert cause.startswith(f"train vae_20 failed: {key}")
    assert log == f"Its log is {LOG.format('vae_20')}"


def test_the_last_lines_name_node_cause_and_log_in_dvc(project):
    project.edit({"variants.vae_20.training.batch_size": 5000})
    cause, log, told, dvc = last_lines(project, 4, "dvc", "repro")
    assert cause.startswith("error: params.yaml: variants.vae_20.training.batch_size: 5000")
    assert log == f"train vae_20 failed; its log is {LOG.format('vae_20')}"
    assert told.startswith("DVC removes what a stage has made") and "`make status`" in told
    assert dvc.startswith("ERROR: failed to reproduce 'train@vae_20'")


def test_a_killed_node_is_named_too(project):
    project.edit({"studies.letters.training.epochs": 3000})
    log = project.folder / LOG.format("vae_2")
    log.unlink()
    process = project.start("snakemake", "--cores", "2", TRAINED.format("vae_2"))
    while not (log.exists() and "epoch 5/" in log.read_text()):
        assert process.poll() is None, process.stdout.read()
        time.sleep(0.02)
    group = str(os.getpgid(process.pid))
    command = r"python workflow/scripts/train\.py vae_2 "
    trainings = project.run("pgrep", "-g", group, "-f", command).stdout
    os.kill(int(trainings.split()[-1]), signal.SIGKILL)
    assert process.communicate()[0].strip().splitlines()[-2:] == [
        "train vae_2 failed: it ended without an error message: killed, perhaps for want of memory",
        f"Its log is {LOG.format('vae_2')}",
    ]


def test_a_node_that_cannot_even_start_is_not_taken_for_killed(project):
    code = project.folder / "src/vaepipe/models/saved.py"
    code.write_text(f"import nowhere\n{code.read_text()}")
    cause, log = last_lines(project, 2, "snakemake", "--cores", "2", TRAINED.format("vae_2"))
    assert cause == "train vae_2 failed: it ended before it wrote a log; its messages stand above"
    assert log == f"Its log is {LOG.format('vae_2')}"


def test_a_log_tells_when_the_end_is_expected(built):
    lines = (built.folder / LOG.format("vae_2")).read_text().splitlines()
    epochs = [line for line in lines if " epoch " in line]
    assert len(epochs) == 4
    for line in epochs:
        assert re.search(r"expected end \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$", line)


@pytest.mark.parametrize(("device", "together"), [("cpu", True), ("auto", False)])
def test_trainings_do_not_pile_up_on_the_only_gpu(project, device, together):
    """The count of GPUs is a stand-in, so `auto` claims one, and trains on the CPU all the same."""
    code = project.folder / "src/vaepipe/machine/gpus.py"
    code.write_text(code.read_text() + "\n\ndef count_gpus() -> int:\n    return 1\n")
    project.edit({"studies.letters.training.device": device})
    project.edit({"studies.letters.training.epochs": 300})
    targets = [TRAINED.format(variant) for variant in ("vae_2", "vae_20")]
    project.run("snakemake", "--cores", "2", *targets)
    spans = [span(project, variant) for variant in ("vae_2", "vae_20")]
    assert (max(begin for begin, _ in spans) < min(end for _, end in spans)) == together


def span(project: Project, variant: str) -> tuple[datetime, datetime]:
    lines = (project.folder / LOG.format(variant)).read_text().splitlines()
    first, last = (
        datetime.fromisoformat(line[:23].replace(",", ".")) for line in (lines[0], lines[-1])
    )
    return first, last


def test_costs_change_nothing_else(project):
    before = (project.folder / "results/report.pdf").read_bytes()
    project.run("snakemake", "--cores", "1", "results/costs.pdf")
    assert (project.folder / "results/costs.pdf").read_bytes().startswith(b"%PDF")
    assert (project.folder / "results/report.pdf").read_bytes() == before
    assert project.status() == CLEAN
    assert project.snakemake("-n") == set()
    assert "Nothing to be done" in project.run("snakemake", "-n", "results/costs.pdf").stdout
    assert not project.run("git", "status", "--short").stdout


def test_costs_of_what_dvc_made_are_not_known(project):
    project.edit({"variants.vae_20.training.learning_rate": 0.02})
    project.repro()
    project.adopt()
    measured = (project.folder / "logs/benchmarks/results/letters").rglob("vae_*.tsv")
    assert {path.stem for path in measured} == {"vae_2"}
    project.run("rm", "-r", "logs")
    message = last_lines(project, 2, "snakemake", "--cores", "1", "results/costs.pdf")[0]
    assert message.startswith("costs failed: nothing measured.")
