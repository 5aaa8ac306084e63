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


TRAIN = ("python", "workflow/scripts/train.py", "vae_2", "data/processed/letters", "trained")


@pytest.mark.parametrize(
    ("full", "command"),
    [
        (".cache", TRAIN),
        (".cache", ("dvc", "repro", "-f", "-s", "train@vae_2")),
        ("results/letters/models/vae_2", ("dvc", "repro", "-f", "-s", "train@vae_2")),
    ],
    ids=["cache", "cache-dvc", "results-dvc"],
)
def test_a_disk_that_is_full_where_a_training_writes(project, mount, full, command):
    folder = project.folder / full
    mount(folder, "-t", "tmpfs", "-o", "size=20k", "tmpfs")
    message = project.refused(*command)
    assert f"error: {full}" in message and "no space left on the disk" in message
    for place in (folder, project.folder / "trained"):
        left = [path for path in place.rglob("*") if path.is_file() and path.suffix != ".lock"]
        assert not left


@pytest.mark.parametrize(
    "command",
    [
        TRAIN,
        ("dvc", "repro", "-f", "-s", "train@vae_2"),
        ("snakemake", "--cores", "2", "--force", "results/letters/models/vae_2/model.safetensors"),
    ],
    ids=["script", "dvc", "snakemake"],
)
def test_a_training_needs_no_room_for_temporary_files(project, mount, monkeypatch, command):
    folder = project.folder / "temporary"
    folder.mkdir()
    mount(folder, "-t", "tmpfs", "-o", "size=20k", "tmpfs")
    (folder / "filling").write_bytes(bytes(20 * 1024 - 4096))
    with pytest.raises(OSError, match="No space"):
        (folder / "more").write_bytes(bytes(8192))
    monkeypatch.setenv("TMPDIR", str(folder))
    project.run(*command)


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
