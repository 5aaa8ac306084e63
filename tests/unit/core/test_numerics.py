import json
import os
import subprocess
import sys

import pytest
from conftest import ROOT

from vaepipe.core.numerics import PORTABLE

SCRIPT = """
import json, os, sys
sys.path.insert(0, sys.argv.pop(1))
print("begun")
from vaepipe.core.numerics import settle
settle(sys.argv[1])
print(json.dumps([sys.argv[1:], dict(os.environ)]))
"""


def started(tmp_path, *arguments: str, **environment: str) -> tuple[int, list[str], dict[str, str]]:
    """How often a script began that settles its numerics; its arguments and environment then."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("sys.argv.pop(1)", repr(str(ROOT / "src"))))
    result = subprocess.run(
        [sys.executable, "-u", script, *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    *begun, last = result.stdout.splitlines()
    return len(begun), *json.loads(last)


@pytest.mark.parametrize("environment", [{}, {"MKL_CBWR": "AVX2"}, {"MKL_CBWR": "COMPATIBLE"}])
def test_portable_starts_anew_with_all_settings_and_the_same_arguments(tmp_path, environment):
    begun, arguments, found = started(tmp_path, "portable", "a b", "--c", **environment)
    assert begun == 2
    assert arguments == ["portable", "a b", "--c"]
    assert found.items() >= PORTABLE.items()


def test_portable_starts_anew_once(tmp_path):
    assert started(tmp_path, "portable", **PORTABLE)[0] == 1


def test_fast_leaves_the_environment_to_the_caller(tmp_path):
    begun, _, found = started(tmp_path, "fast", MKL_CBWR="AVX2")
    assert begun == 1
    assert found["MKL_CBWR"] == "AVX2"
    assert "NPY_DISABLE_CPU_FEATURES" not in found


def test_numpy_knows_the_loops_that_it_is_told_to_leave_out(tmp_path):
    command = "from numpy._core._multiarray_umath import __cpu_dispatch__ as d; print(*d)"
    known = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(known) == set(PORTABLE["NPY_DISABLE_CPU_FEATURES"].split())
