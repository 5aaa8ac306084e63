"""A disk that is full or read-only: one message, nothing half-written, nothing lost."""

import os
import subprocess

import pytest


@pytest.fixture
def mount(project):
    """Mount something on a folder of the project until the test ends; needs root."""
    mounted = set()

    def mount(folder, *arguments: str) -> None:
        command = ["mount", *arguments, folder]
        if os.geteuid() or subprocess.run(command, check=False).returncode:
            pytest.skip("mounting needs root")
        mounted.add(folder)  # once, though it may be mounted again read-only

    yield mount
    for folder in mounted:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize(
    "command",
    [
        ("sample/emnist.py", "letters", "full"),
        ("ingest/emnist.py", "letters", "full"),
        ("prepare.py", "letters", "data/interim/letters", "full"),
        ("train.py", "vae_2", "data/processed/letters", "full"),
    ],
    ids=lambda command: command[0],
)
def test_full_disk(project, mount, command):
    folder = project.folder / "full"
    folder.mkdir()
    mount(folder, "-t", "tmpfs", "-o", "size=20k", "tmpfs")
    result = project.run("python", f"workflow/scripts/{command[0]}", *command[1:], check=False)
    assert result.returncode == 1
    assert result.stderr.startswith("error: ") and "Traceback" not in result.stderr
    assert "no space left on the disk" in result.stderr
    assert not list(folder.rglob("*"))


@pytest.mark.parametrize(
    "command",
    [("snakemake", "--cores", "2", "results/report.pdf"), ("dvc", "repro")],
    ids=["snakemake", "dvc"],
)
def test_read_only_results(project, mount, command):
    results = project.folder / "results"
    mount(results, "--bind", results)
    mount(results, "-o", "remount,ro,bind")
    before = {path: path.read_bytes() for path in results.rglob("*") if path.is_file()}
    project.edit({"studies.letters.evaluation.seed": 1})
    message = project.refused(*command)
    assert "results/letters/" in message
    assert "Write-protected" in message or "Read-only" in message
    assert before == {path: path.read_bytes() for path in before}
