"""What all scripts share: logs, facts, exits."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from vaepipe.core import causes

SCRIPT = """
import errno, gc, logging, os, signal, sys
from pathlib import Path
from vaepipe.core.command import run
assert not gc.isenabled()
from vaepipe.core.errors import InputError
log = logging.getLogger("vaepipe.somewhere")

def main(what: str, folder: Path) -> None:
    if what == "early":
        raise InputError("nothing is known yet")
    log.info("%d images", 7, extra={"facts": {"images": 7}})
    log.info("seed 0 begins")
    log.debug("nobody reads this", extra={"facts": {"never": 1}})
    match what:
        case "garbage":
            assert gc.isenabled() and gc.get_freeze_count()
        case "input":
            raise InputError("data.csv: row 3 is wrong")
        case "fault":
            raise ZeroDivisionError("by zero")
        case "disk":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "out/x")
        case "file":
            raise OSError(errno.EACCES, os.strerror(errno.EACCES), "out/x")
        case "memory":
            raise MemoryError("1 GiB")
        case "panic":
            raise BaseException("Resource temporarily unavailable")
        case "end":
            os.kill(os.getpid(), signal.SIGTERM)
    log.info("an epoch", extra={"facts": {"epoch_seconds": 0.5}})

run(main)
"""


@pytest.fixture
def script(tmp_path):
    """Run a script that does as it is told, with its outputs in results/x."""
    path = tmp_path / "workflow/scripts/sample/toy.py"
    path.parent.mkdir(parents=True)
    path.write_text(SCRIPT)

    def start(what: str, folder: str = "results/x") -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, path.relative_to(tmp_path), what, folder],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )

    return start


def test_garbage_is_looked_for_once_the_imports_are_over(script):
    assert script("garbage").returncode == 0


def test_facts_stand_beside_the_log_and_hold_nothing_else(tmp_path, script):
    for _ in range(2):
        assert script("work").returncode == 0
        lines = (tmp_path / "logs/results/x.jsonl").read_text().splitlines()
        *facts, times = [json.loads(line) for line in lines]
        assert facts == [{"images": 7}, {"epoch_seconds": 0.5}]
        assert times.keys() == {"import_seconds", "cpu_seconds"}
        assert 0 < times["import_seconds"] <= times["cpu_seconds"] < 60
        sentences = (tmp_path / "logs/results/x.log").read_text().splitlines()
        *told, last = [line.split(" ", 2)[2] for line in sentences]
        assert told == ["7 images", "seed 0 begins", "an epoch"]
        whole, imported = re.fullmatch(
            r"(\d+\.\d\d) s of CPU time, (\d+\.\d\d) of them until it began", last
        ).groups()
        # Both are rounded, from the same seconds, to other decimals.
        assert float(whole) == pytest.approx(times["cpu_seconds"], abs=0.0056)
        assert float(imported) == pytest.approx(times["import_seconds"], abs=0.0056)


def test_facts_of_a_former_run_are_gone(tmp_path, script):
    path = tmp_path / "logs/results/x.jsonl"
    assert script("work").returncode == 0
    assert script("input").returncode == 1
    assert path.read_text() == '{"images": 7}\n'
    assert script("early").returncode == 1
    assert not path.exists()


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        ("input", "data.csv: row 3 is wrong"),
        ("fault", "ZeroDivisionError: by zero. This is a fault of vaepipe's own."),
        ("disk", "out/x: no space left on the disk. Free some, then run the same command again."),
        ("memory", causes.shortage(MemoryError())),
        ("panic", causes.shortage(Exception("Resource temporarily unavailable"))),
        ("file", "out/x: Permission denied."),
    ],
)
def test_a_failure_is_two_lines_and_its_traceback_in_the_log_alone(tmp_path, script, what, cause):
    result = script(what)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        f"error: {cause}",
        f"sample_toy {what} failed; its log is logs/results/x.log",
    ]
    log = (tmp_path / "logs/results/x.log").read_text()
    assert f"error: {cause}" in log
    assert ("Traceback" in log) == (what in ("fault", "memory", "panic"))


def test_a_script_that_is_asked_to_end_says_so_in_its_log(tmp_path, script):
    assert script("end").returncode == 128 + signal.SIGTERM
    assert "asked to end (SIGTERM)" in (tmp_path / "logs/results/x.log").read_text()
