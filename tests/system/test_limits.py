"""Too little memory, too few files or threads: a right result, or a line that says what to raise.

Libraries in C++ may end the process by a signal, with a line of their own or none: that is let
pass, but no traceback, no output and no advice to delete what is good; what such a process has left
goes when the node is made.
"""

import os
import signal
import subprocess

import pytest

OTHER_USER = [
    "setpriv",
    "--reuid=54321",
    "--clear-groups",
    "--securebits=+no_setuid_fixup",  # else access() forgets the next line
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
]
"""The number of root's threads is not limited."""

COMMANDS = {
    "train": ("train.py", "vae_2", "data/processed/letters", "out"),
    "prepare": ("prepare.py", "letters", "data/interim/letters", "out"),
    "full_report": ("full_report.py", "out/report.pdf"),
}

SIGNALS = (-signal.SIGSEGV, -signal.SIGABRT, 127)
"""How a library ends a process that finds no memory; 127 is glibc's, for the data of a thread."""


@pytest.fixture
def run(project):
    """Run a node in a process of its own, behind a command that limits it."""
    project.preloaded = False

    def run(node: str, *limit: str) -> subprocess.CompletedProcess:
        script, *arguments = COMMANDS[node]
        command = ["python", f"workflow/scripts/{script}", *arguments]
        return project.run(*limit, *command, check=False)

    return run


def files_in(folder) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def assert_plain(result: subprocess.CompletedProcess, folder) -> None:
    files = files_in(folder)
    outputs = [name for name in files if not name.endswith(".tmp")]
    assert bool(outputs) == (result.returncode == 0)
    assert outputs == files or result.returncode in SIGNALS
    assert "Traceback" not in result.stderr
    assert "Delete" not in result.stderr
    lines = result.stderr.splitlines()
    assert len([line for line in lines if not line.startswith("OpenBLAS")]) <= 6, lines
    assert result.returncode in (*SIGNALS, 0) or "error: " in result.stderr


@pytest.mark.parametrize("node", COMMANDS)
@pytest.mark.parametrize("mebibytes", [50, 200, 300, 500, 700, 900, 1000, 1200, 3000])
def test_little_memory(project, run, node, mebibytes):
    result = run(node, "prlimit", f"--as={mebibytes << 20}")
    assert_plain(result, project.folder / "out")
    assert result.returncode == 0 or mebibytes < 3000
    if result.returncode in SIGNALS:
        assert run(node).returncode == 0
        assert not any(name.endswith(".tmp") for name in files_in(project.folder / "out"))


@pytest.mark.parametrize("node", COMMANDS)
@pytest.mark.parametrize("files", [5, 6, 8, 16, 64])
def test_few_files(project, run, node, files):
    result = run(node, "prlimit", f"--nofile={files}:{files}")
    assert_plain(result, project.folder / "out")
    assert "ulimit -n" in result.stderr or result.returncode == 0
    assert result.returncode == 0 or files < 16


@pytest.mark.skipif(os.geteuid() != 0, reason="acting for another user needs root")
@pytest.mark.parametrize("node", COMMANDS)
@pytest.mark.parametrize("threads", [1, 2, 3, 4, 16])
def test_few_threads(project, run, monkeypatch, node, threads):
    monkeypatch.setenv("RUST_BACKTRACE", "0")
    result = run(node, *OTHER_USER, "prlimit", f"--nproc={threads}:{threads}")
    assert_plain(result, project.folder / "out")
    assert result.returncode == 0 or threads < 16
