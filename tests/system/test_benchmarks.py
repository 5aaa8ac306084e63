"""The benchmarks run; what they print is for people."""

import subprocess
import sys

from conftest import ROOT, environment


def test_the_scale_of_both_engines_is_printed():
    command = [sys.executable, ROOT / "benchmarks/scale.py", "1", "2"]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    header, *rows = result.stdout.splitlines()
    assert header.split()[-3:] == ["1", "2", "exponent"]
    assert len(rows) == 8
    for row in rows:
        assert float(row.split()[-1]) < 5
