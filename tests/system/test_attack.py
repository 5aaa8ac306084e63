"""The attack tool in small: see tests/attack."""

import subprocess
import sys

import pytest
from conftest import ROOT

COUNTS = {
    "csv": 200,
    "idx": 200,
    "npz": 200,
    "cifar": 200,
    "pickles": 200,
    "params": 100,
    "states": 50,
    "history": 50,
    "json": 50,
    "kills": 2,
    "edits": 2,
}


@pytest.mark.parametrize("kind", COUNTS)
def test_an_attack_finds_nothing_wrong_lost_or_unexplained(kind):
    command = [sys.executable, "tests/attack", kind, str(COUNTS[kind]), "0"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not result.returncode, result.stdout + result.stderr
