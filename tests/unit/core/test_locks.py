"""Names that processes of one user share, and nobody else reaches."""

import os
import subprocess
import sys

import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.locks import alone, count_held, hold

HOLD = """
import sys, tempfile
from vaepipe.core.locks import hold
tempfile.tempdir = sys.argv[1]
print(hold("gpu-a-1"), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the locks are to lie, in a folder for temporary files that holds nothing else."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / f"vaepipe-{os.getuid()}"


def test_a_name_is_held_until_its_process_ends(folder):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder.parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "True\n"
        assert not hold("gpu-a-1")
        assert count_held("gpu-a-") == 1
        assert count_held("gpu-b-") == 0
    assert count_held("gpu-a-") == 0
    assert not list(folder.iterdir())
    assert hold("gpu-a-1")


def test_all_locks_lie_in_a_folder_that_is_closed_to_others(folder):
    before = os.umask(0)
    try:
        with alone("gpus"):
            assert hold("gpu-a-1")
    finally:
        os.umask(before)
    assert list(folder.parent.iterdir()) == [folder]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def refused() -> bool:
    """Whether each way to a lock is refused with the remedy."""
    for use in (hold, count_held, lambda name: alone(name).__enter__()):
        with pytest.raises(InputError, match=r"vaepipe-\d+: .*TMPDIR"):
            use("gpus")
    return True


def test_a_link_in_place_of_the_folder_is_not_followed(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(0o700)
    folder.symlink_to(elsewhere)
    assert refused()
    assert not list(elsewhere.iterdir())


def test_a_folder_that_another_user_owns_is_refused(folder, monkeypatch):
    other = os.getuid() + 1
    folder.with_name(f"vaepipe-{other}").mkdir(0o700)
    monkeypatch.setattr("os.getuid", lambda: other)
    assert refused()


def test_a_folder_that_is_open_to_others_or_none_is_refused(folder):
    folder.mkdir()
    folder.chmod(0o770)
    assert refused()
    folder.rmdir()
    folder.touch(0o700)
    assert refused()


def test_a_link_in_place_of_a_lock_is_not_followed(folder, tmp_path):
    folder.mkdir(0o700)
    (folder / "gpus.lock").symlink_to(tmp_path / "made")
    with pytest.raises(OSError, match=r"gpus\.lock"):
        hold("gpus")
    assert not (tmp_path / "made").exists()
