"""The weights of networks in safetensors files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import safetensors.torch
import torch
from torch import Tensor, nn

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_under, writing_arrays

Network = TypeVar("Network", bound=nn.Module)


def save_weights(path: Path, weights: Mapping[str, Mapping[str, Tensor]]) -> None:
    """Write the weights of several networks under the keys `<name>/<parameter>`."""
    tensors = {
        f"{name}/{parameter}": tensor.contiguous().cpu()
        for name, state in weights.items()
        for parameter, tensor in state.items()
    }
    with writing_arrays():
        safetensors.torch.save_file(tensors, path)


def load_weights(path: Path, name: str, build: Callable[[], Network], built_from: str) -> Network:
    """What `build` gives, on the CPU, with the weights of a name in a file.

    `built_from` is the file beside it that `build` goes by. Raises InputError if the file is
    missing or corrupt, or does not fit; what does not fit takes no memory. The weights are in
    memory once, and those of other names not at all.
    """
    arrays = read_under(path, f"{name}/")
    weights = {parameter: torch.from_numpy(array) for parameter, array in arrays.items()}
    try:
        with torch.device("meta"):  # takes no memory, whatever is asked for
            network = build()
        _check_fit(weights, network.state_dict())
        network.load_state_dict(weights, assign=True)
    except (ImportError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: does not fit {built_from} beside it ({str(error).splitlines()[0]}). "
            "Delete the folder and train again."
        ) from error
    return network


def _check_fit(weights: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Raises ValueError if the tensors have not the expected names, shapes and types."""
    found, wanted = (
        {name: f"{tensor.dtype} {tuple(tensor.shape)}" for name, tensor in tensors.items()}
        for tensors in (weights, expected)
    )
    for name in wanted | found:
        if found.get(name) != wanted.get(name):
            raise ValueError(
                f"{name}: expected {wanted.get(name, 'nothing')}, found "
                f"{found.get(name, 'nothing')}"
            )
