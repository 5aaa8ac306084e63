"""Where tensors are computed, and how: chosen device, fixed threads, deterministic kernels."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from threadpoolctl import threadpool_limits

from vaepipe.core.errors import InputError
from vaepipe.machine.gpus import claim
from vaepipe.machine.memory import keep_freed

log = logging.getLogger(__name__)


def prepare(device: str, threads: int) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` stands for, with torch set up for it.

    Of several GPUs, one that no other process of the pipeline holds, where there is one. Sums
    depend on the number of threads, so it is fixed. Denormals are flushed: without it Adam slows
    down once many gradients vanish. Raises InputError where CUDA is asked for and absent.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml: device: cuda, but torch finds no CUDA device; use auto.")
    use_cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # asked for by deterministic cuBLAS
    # As use_deterministic_algorithms(True), which imports torch's compiler: two seconds of a node.
    torch.set_deterministic_debug_mode("error")
    torch.utils.deterministic.fill_uninitialized_memory = False  # nothing here reads such memory
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    keep_freed()
    chosen = torch.device("cuda", _free_gpu()) if use_cuda else torch.device("cpu")
    if use_cuda:
        torch.cuda.set_device(chosen)  # where graphs are captured
    description = f"{_describe(chosen)}; threads: {threads} of {os.cpu_count()}"
    log.info("device: %s", description, extra={"facts": {"device": description}})
    return chosen


def _free_gpu() -> int:
    gpus = [torch.cuda.get_device_properties(i) for i in range(torch.cuda.device_count())]
    return claim([str(gpu.uuid) for gpu in gpus])


def _describe(device: torch.device) -> str:
    if device.type == "cuda":
        return f"{device}, {torch.cuda.get_device_name(device)}"
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"cpu, {models[0]}" if models else "cpu"


def check_memory(device: torch.device, needed: int, what: str, parameter: str) -> None:
    """Raises InputError that names the parameter if a device has not so many bytes in all."""
    if device.type == "cuda":
        has = torch.cuda.get_device_properties(device).total_memory
    else:
        has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > has:
        raise InputError(
            f"{what} need about {needed / 1e9:.1f} GB of memory, but {device} has "
            f"{has / 1e9:.1f} GB. Lower {parameter} in params.yaml."
        )


@contextmanager
def naming_full_memory(parameter: str | None) -> Iterator[None]:
    """Turn a GPU's lack of memory into an InputError that names the parameter to lower, if any."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        reason = str(error).split(". ")[0]
        advice = f"Lower {parameter} in params.yaml, or let" if parameter else "Let"
        raise InputError(
            f"the GPU's memory is full ({reason}). {advice} fewer processes share a GPU "
            "(snakemake's --resources gpu=N)."
        ) from error
