"""What a user sees when something is wrong: one message, exit code 1, no output left behind."""

import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from conftest import Project

from vaepipe.datasets.formats import emnist


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("project"))
    labels = np.repeat(np.arange(47), 12)
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 28, 28), dtype=np.uint8)
    sample = project.folder / "data/sample/letters"
    sample.mkdir(parents=True)
    for name in ("train", "test"):
        emnist.write_csv(sample / f"emnist-balanced-{name}.csv", labels, images)
    project.run("python", "workflow/scripts/ingest/emnist.py", "letters", "data/interim/letters")
    project.run(
        "python",
        "workflow/scripts/prepare.py",
        "letters",
        "data/interim/letters",
        "data/processed/letters",
    )
    data = "data/processed/letters"
    project.run("python", "workflow/scripts/train.py", "vae_2", data, "models/vae_2")
    project.run("python", "workflow/scripts/judge.py", "letters", data, "judge")
    return project


@pytest.fixture(autouse=True)
def same_parameters(project):
    """Each test starts from the same params.yaml, however the one before ended."""
    before = (project.folder / "params.yaml").read_text()
    yield
    (project.folder / "params.yaml").write_text(before)


def fails(project: Project, *command: str) -> str:
    """Run a script that must fail as a user should see it; return its message."""
    result = project.run("python", *command, check=False)
    assert result.returncode == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert result.stderr.startswith("error: ")
    return result.stderr


def files(folder) -> set:
    return {path for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


def test_sample_file_missing(project):
    source = project.folder / "data/sample/letters/emnist-balanced-test.csv"
    hidden = source.rename(source.with_suffix(".hidden"))
    message = fails(project, "workflow/scripts/ingest/emnist.py", "letters", "data/other")
    hidden.rename(source)
    assert "emnist-balanced-test.csv: no such file" in message
    assert not files(project.folder / "data/other")


def test_bad_second_file_leaves_no_first_output(project):
    source = project.folder / "data/sample/letters/emnist-balanced-test.csv"
    good = source.read_bytes()
    source.write_bytes(good + b"1,2,3\n")
    message = fails(project, "workflow/scripts/ingest/emnist.py", "letters", "data/other")
    source.write_bytes(good)
    assert f"Row #{47 * 12 + 1}" in message and "got 3" in message
    assert not files(project.folder / "data/other")


def test_unknown_variant(project):
    message = fails(project, "workflow/scripts/train.py", "vae_3", "data/processed/letters", "m")
    assert "variants has no 'vae_3'" in message and "vae_2" in message


def test_a_fault_of_our_own_leaves_its_traceback_in_the_log(project):
    path = project.folder / "src/vaepipe/learning/loop.py"
    good = path.read_text()
    broken = good.replace("objective = build_objective(config)", "objective = 1 / 0")
    assert broken != good
    path.write_text(broken)
    result = project.run(
        "python", "workflow/scripts/train.py", "vae_2", "data/processed/letters", "m", check=False
    )
    path.write_text(good)
    assert result.returncode == 1
    assert result.stderr.splitlines() == [
        "error: ZeroDivisionError: division by zero. This is a fault of vaepipe's own.",
        "train vae_2 failed; its log is logs/m.log",
    ]
    assert "Traceback (most recent call last)" in (project.folder / "logs/m.log").read_text()


def test_params_edited_while_a_script_runs(project):
    project.edit({"studies.letters.training.epochs": 300})
    process = subprocess.Popen(
        [sys.executable, "workflow/scripts/train.py", "vae_2", "data/processed/letters", "m"],
        cwd=project.folder,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = project.folder / "logs/m.log"
    while not (log.exists() and "epoch 1/" in log.read_text()):
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGSTOP)
    project.edit({"variants.vae_2.training.learning_rate": 0.5})
    process.send_signal(signal.SIGCONT)
    message = process.communicate()[1]
    assert process.returncode == 1
    assert "params.yaml was edited while this ran" in message
    assert not files(project.folder / "m")


def test_a_wrong_parameter_stops_every_script(project):
    project.edit({"variants.vae_2.training.learning_rate": -1})
    message = fails(project, "workflow/scripts/train.py", "vae_2", "data/processed/letters", "m")
    assert "variants.vae_2.training.learning_rate" in message


def test_batch_larger_than_the_data(project):
    project.edit({"variants.vae_2.training.batch_size": 5000})
    message = fails(project, "workflow/scripts/train.py", "vae_2", "data/processed/letters", "m")
    assert "batch_size: 5000 is larger than the 312 training images" in message
    assert not files(project.folder / "m")


def test_corrupt_parquet(project):
    folder = project.folder / "data/broken"
    shutil.copytree(project.folder / "data/processed/letters", folder)
    content = (folder / "test.parquet").read_bytes()
    (folder / "test.parquet").write_bytes(content[: len(content) // 2])
    message = fails(project, "workflow/scripts/train.py", "vae_2", "data/broken", "m")
    assert "data/broken/test.parquet: not a readable Parquet" in message


@pytest.mark.parametrize("broken", ["models/vae_2", "judge"])
def test_corrupt_checkpoint(project, broken):
    folders = ["judge", "models/vae_2"]
    shutil.copytree(project.folder / broken, project.folder / "broken", dirs_exist_ok=True)
    (project.folder / "broken/model.safetensors").write_bytes(b"\x80\x04 pickled")
    folders[folders.index(broken)] = "broken"
    script = "workflow/scripts/evaluate.py"
    message = fails(project, script, "vae_2", "data/processed/letters", *folders, "e")
    assert "broken/model.safetensors: not a readable safetensors" in message
    assert not files(project.folder / "e")


def test_a_stranger_among_the_evaluations(project):
    for name in ("vae_2", "vae_20", "vae_old"):
        (project.folder / "some" / name).mkdir(parents=True)
    message = fails(project, "workflow/scripts/letters/compare.py", *4 * ["some"], "c")
    assert "Move some/vae_old " in message


def snakemake_fails(project: Project, *arguments: str) -> str:
    result = project.run("snakemake", "--cores", "1", *arguments, check=False)
    assert result.returncode == 1
    output = result.stdout + result.stderr
    assert "Traceback (most recent call last)" not in output
    return output


def test_snakemake_names_a_missing_raw_file(project):
    project.edit({"samples.emnist": {}})
    for name in ("train", "test"):
        project.edit({f"sources.emnist.letters.{name}": f"data/raw/my-{name}.csv.gz"})
    message = snakemake_fails(project, "-n")
    assert "data/raw/my-train.csv.gz: no such file" in message
    assert "docs/data.md says" in message


def test_snakemake_names_a_wrong_key(project):
    project.edit({"studies.letters.training.epochs": "many"})
    message = snakemake_fails(project, "-n")
    assert "params.yaml: studies.letters.training.epochs: " in message


def test_snakemake_names_an_unknown_variant_or_study(project):
    assert "has no variant 'vae_3'" in snakemake_fails(
        project, "-n", "results/letters/models/vae_3/model.safetensors"
    )
    assert "'faces'" in snakemake_fails(
        project, "-n", "results/faces/models/vae_2/model.safetensors"
    )


def test_snakemake_refuses_its_own_configuration(project):
    assert "dvc exp run -S" in snakemake_fails(project, "-n", "--config", "epochs=3")
