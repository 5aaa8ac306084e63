"""GPUs: how they are counted and shared out."""

import ctypes
import subprocess
import sys

import pytest
import torch

from vaepipe.machine import gpus

CLAIM = """
import sys, time
from vaepipe.machine.gpus import claim
print(claim(["one", "two", "three"]), flush=True)
time.sleep(600)
"""


@pytest.fixture
def claim(tmp_path, monkeypatch):
    """Start a process that claims one of three GPUs; gives the process and the index."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    processes = []

    def start():
        process = subprocess.Popen([sys.executable, "-c", CLAIM], stdout=subprocess.PIPE, text=True)
        processes.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_each_process_takes_a_gpu_of_its_own_while_there_is_one(claim):
    held = [claim() for _ in range(4)]
    assert [index for _, index in held] == [0, 1, 2, 0]
    for process, _ in held[:2]:
        process.kill()
        process.wait()
    assert [claim()[1] for _ in range(2)] == [1, 0]


class Driver:
    """Stands for libcuda with so many devices; `status` is what initialising it returns."""

    def __init__(self, devices: int, status: int = 0):
        self.devices, self.status = devices, status

    def __call__(self, name):
        assert name == "libcuda.so.1"
        return self

    def cuInit(self, flags):  # noqa: N802
        return self.status

    def cuDeviceGetCount(self, count):  # noqa: N802
        ctypes.cast(count, ctypes.POINTER(ctypes.c_int))[0] = self.devices
        return 0


@pytest.mark.parametrize(
    ("torch_cuda", "driver", "count"),
    [("13.0", Driver(2), 2), ("13.0", Driver(2, status=100), 0), (None, Driver(2), 0)],
)
def test_gpus_are_counted_where_torch_can_use_them(monkeypatch, torch_cuda, driver, count):
    monkeypatch.setattr(gpus, "_torch_version", lambda: {"cuda": torch_cuda})
    monkeypatch.setattr(ctypes, "CDLL", driver)
    assert gpus.count_gpus() == count


def test_without_a_driver_there_are_no_gpus(monkeypatch):
    def absent(name):
        raise OSError(name)

    monkeypatch.setattr(gpus, "_torch_version", lambda: {"cuda": "13.0"})
    monkeypatch.setattr(ctypes, "CDLL", absent)
    assert gpus.count_gpus() == 0


def test_what_is_counted_is_what_torch_finds():
    assert gpus._torch_version()["cuda"] == torch.version.cuda
    assert gpus.count_gpus() == torch.cuda.device_count()
