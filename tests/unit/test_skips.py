"""How many tests were skipped is said, and more than .ci/skipped says are a failure."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT, environment

TESTS = """
import pytest
@pytest.mark.parametrize("number", range(2))
def test_skipped(number):
    pytest.skip("needs the moon")
def test_passed():
    pass
"""


@pytest.mark.parametrize(("most", "code"), [("1", 1), ("2", 0), (None, 0)])
def test_more_skipped_tests_than_allowed_fail(tmp_path, most, code):
    (tmp_path / "test_moon.py").write_text(TESTS)
    unset = {n: v for n, v in environment().items() if n != "VAEPIPE_MOST_SKIPPED"}
    allowed = {"VAEPIPE_MOST_SKIPPED": most} if most else {}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "conftest", "--rootdir", tmp_path, tmp_path],
        env=unset | allowed | {"PYTHONPATH": os.fspath(ROOT / "tests")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == code, result.stdout
    assert "2 tests skipped" in result.stdout
    assert "2 x needs the moon" in result.stdout
