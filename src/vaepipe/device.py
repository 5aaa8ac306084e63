"""Where tensors are computed, and how: chosen device, fixed threads, deterministic kernels."""

import os

import torch
from threadpoolctl import threadpool_limits

from vaepipe.errors import InputError


def prepare(device: str, threads: int) -> torch.device:
    """The device that `auto`, `cpu` or `cuda` stands for, with torch set up for it.

    Sums depend on the number of threads, so it is fixed. Denormals are flushed: without it Adam
    slows down once many gradients vanish. Raises InputError where CUDA is asked for and absent.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise InputError("params.yaml: device: cuda, but torch finds no CUDA device; use auto.")
    use_cuda = device == "cuda" or (device == "auto" and torch.cuda.is_available())
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # asked for by deterministic cuBLAS
    torch.use_deterministic_algorithms(True)
    torch.set_flush_denormal(True)
    torch.set_num_threads(threads)
    threadpool_limits(threads)
    return torch.device("cuda" if use_cuda else "cpu")
