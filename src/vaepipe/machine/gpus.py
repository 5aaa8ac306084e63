"""The machine's CUDA devices: counted without importing torch, shared out between processes."""

import ctypes
import importlib.util
import os
import runpy
from collections.abc import Sequence
from pathlib import Path

from vaepipe.core.locks import alone, count_held, hold

DRIVER = "libcuda.so.1"


def count_gpus() -> int:
    """How many CUDA devices torch would find: the driver is asked, torch's build is looked at.

    `CUDA_VISIBLE_DEVICES` counts, since the driver heeds it.
    """
    if _torch_version()["cuda"] is None:
        return 0
    try:
        driver = ctypes.CDLL(DRIVER)
    except OSError:
        return 0
    count = ctypes.c_int()
    failed = driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count))
    return 0 if failed else count.value


def _torch_version() -> dict:
    """What torch/version.py states, without the seconds that importing torch takes."""
    spec = importlib.util.find_spec("torch")
    return runpy.run_path(str(Path(spec.origin).with_name("version.py")))


def claim(gpus: Sequence[str]) -> int:
    """The index of the GPU that the fewest processes of this user hold; held until this one ends.

    `gpus` are names that tell them apart, such as UUIDs.
    """
    with alone("gpus"):
        holders = [count_held(f"gpu-{gpu}-") for gpu in gpus]
        index = holders.index(min(holders))
        hold(f"gpu-{gpus[index]}-{os.getpid()}")
    return index
