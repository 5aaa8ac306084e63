"""What a machine is short of is said in a line, whichever library finds out."""

import errno
import os
import subprocess
import sys

import pyarrow as pa
import pytest

from vaepipe.core.causes import shortage


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "Free some, then run"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "ulimit -n"),
        (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "ulimit -v"),
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "ulimit -u"),
        (MemoryError(), "ulimit -v"),
        (pa.ArrowMemoryError("malloc of size 8 failed"), "ulimit -v"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "ulimit -v"),
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "ulimit -v"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
        (pa.ArrowException("Failed to launch: Resource temporarily unavailable"), "ulimit -u"),
    ],
    ids=repr,
)
def test_a_shortage_is_known_by_type_or_text(error, advice):
    assert advice in shortage(error)
    assert shortage(error).endswith(", then run the same command again.")


@pytest.mark.parametrize("error", [ZeroDivisionError("by zero"), FileNotFoundError("memory.txt")])
def test_all_else_is_no_shortage(error):
    assert shortage(error) is None


@pytest.mark.parametrize(
    ("error", "lines"),
    [
        ("MemoryError", ["error: there is not enough memory."]),
        ("KeyboardInterrupt", ["error: it was interrupted."]),
        ("ZeroDivisionError", ["Traceback (most recent call last):", "ZeroDivisionError"]),
    ],
)
def test_what_ends_an_import_is_told_in_a_line(tmp_path, error, lines):
    (tmp_path / "library.py").write_text(f"raise {error}\n")
    (tmp_path / "script.py").write_text("from vaepipe.core import command\nimport library\n")
    command = [sys.executable, tmp_path / "script.py"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode
    printed = result.stderr.splitlines()
    assert printed[0].startswith(lines[0]) and printed[-1].startswith(lines[-1])
    assert len(printed) == 1 or error == "ZeroDivisionError"


def test_what_a_library_lacks_at_the_end_is_not_told(tmp_path):
    (tmp_path / "script.py").write_text(
        "import atexit\n"
        "from vaepipe.core import command\n"
        "def fail(error):\n    raise error\n"
        "atexit.register(fail, MemoryError())\n"
        "atexit.register(fail, ZeroDivisionError('told'))\n"
    )
    command = [sys.executable, tmp_path / "script.py"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "MemoryError" not in result.stderr
    assert "ZeroDivisionError: told" in result.stderr
