"""Weights in files: once in memory, whatever else the file holds."""

import subprocess
import sys

import pytest
import torch
from torch import nn

from vaepipe.core.errors import InputError
from vaepipe.models.weights import load_weights, save_weights


def build() -> nn.Module:
    return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3))


def test_running_statistics_and_their_counts_survive(tmp_path):
    network = build()
    for _ in range(3):
        network(torch.rand(5, 4))
    path = tmp_path / "model.safetensors"
    save_weights(path, {"a": network.state_dict(), "ab": build().state_dict()})
    found = load_weights(path, "a", build, "config.json")
    for name, value in network.state_dict().items():
        assert torch.equal(found.state_dict()[name], value)
    assert found[1].num_batches_tracked.dtype == torch.int64
    assert found[1].num_batches_tracked == 3
    assert all(of.requires_grad for of in found.parameters())
    found[0].weight.data += 1  # its memory may be written to
    with pytest.raises(InputError, match=r"does not fit config\.json .*expected"):
        load_weights(path, "b", build, "config.json")


def test_weights_are_in_memory_once(tmp_path):
    code = """
import resource, sys
from pathlib import Path
from torch import nn
from vaepipe.models.weights import load_weights, save_weights

def build():
    return nn.Sequential(*(nn.Linear(2000, 2000) for _ in range(8)))  # 16 MB each

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

path = Path(sys.argv[1])
if len(sys.argv) > 2:
    save_weights(path, {"a": build().state_dict(), "b": build().state_dict()})
else:
    before = peak()
    load_weights(path, "b", build, "config.json")
    print(peak() - before)
"""
    command = [sys.executable, "-c", code, str(tmp_path / "model.safetensors")]
    subprocess.run([*command, "save"], check=True)
    grown = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert grown < 180  # MB, of 128 in a file of 256
