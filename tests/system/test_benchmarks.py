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


def test_readers_are_held_against_what_cannot_be_spared():
    command = [sys.executable, ROOT / "benchmarks/ingestion.py", "1000"]
    result = subprocess.run(command, env=environment(), capture_output=True, text=True, check=True)
    _, _, *rows = [line.strip("| ").split(" | ") for line in result.stdout.splitlines()]
    assert [row[1] for row in rows] == [
        *("arrow", "csv", "pandas"),
        *("decoding", "resizing", "pictures"),
        *("copy", "table", "tensors"),
    ]
    assert [row[3] for row in rows if row[1] in ("arrow", "decoding", "copy")] == 3 * ["1.00"]
    assert all(float(row[4]) > 50 for row in rows)
