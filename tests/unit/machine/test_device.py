import logging
import re

import pytest
import torch

from vaepipe.core.errors import InputError
from vaepipe.machine import device
from vaepipe.machine.device import check_memory, naming_full_memory, prepare


def test_a_full_gpu_names_the_parameter_to_lower():
    message = "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of 1 GiB"
    with pytest.raises(InputError) as caught, naming_full_memory("variants.vae_2.training.batch"):
        raise torch.OutOfMemoryError(message)
    assert "(CUDA out of memory)" in str(caught.value)
    assert "Lower variants.vae_2.training.batch in params.yaml" in str(caught.value)
    with pytest.raises(InputError, match=r"\. Let fewer proc"), naming_full_memory(None):
        raise torch.OutOfMemoryError(message)


def test_more_memory_than_there_is_is_refused_with_both_numbers():
    cpu = torch.device("cpu")
    check_memory(cpu, 10**6, "x", "y")
    with pytest.raises(InputError) as caught:
        check_memory(cpu, 5 * 10**15, "50 samples", "studies.a.evaluation.samples")
    message = (
        r"50 samples need about 5000000\.0 GB of memory, but cpu has \d+\.\d GB\. Lower studies"
    )
    assert re.search(message, str(caught.value))


def test_the_log_states_device_and_cores(caplog):
    with caplog.at_level(logging.INFO):
        prepare("cpu", 1)
    assert re.fullmatch(r"device: cpu(, .+)?; threads: 1 of \d+", caplog.messages[-1])
    description = caplog.messages[-1].removeprefix("device: ")
    assert caplog.records[-1].facts == {"device": description}


def test_torch_is_deterministic_and_has_its_threads():
    prepare("cpu", 2)
    assert torch.get_num_threads() == 2
    assert torch.are_deterministic_algorithms_enabled()
    prepare("cpu", 1)
    assert torch.get_num_threads() == 1


def test_the_chosen_gpu_is_the_one_where_graphs_are_captured(monkeypatch):
    current = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda of: "a GPU")
    monkeypatch.setattr(device, "_free_gpu", lambda: 1)
    assert prepare("auto", 1) == torch.device("cuda:1")
    assert current == [torch.device("cuda:1")]


def test_cuda_where_there_is_none_is_an_error():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(InputError, match="cuda"):
        prepare("cuda", 1)
