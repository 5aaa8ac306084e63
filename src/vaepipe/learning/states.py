"""Training states on disk, to continue from after an interruption, bitwise."""

import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import safetensors
import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from vaepipe.core.files import replacing, writing_arrays
from vaepipe.learning.optimiser import Adam

log = logging.getLogger(__name__)


@dataclass
class Progress:
    """How far the training of one seed has come."""

    model: nn.Module
    optimiser: Adam
    history: list[list] = field(default_factory=list)
    """Rows of history.csv."""
    batches: list[list] = field(default_factory=list)
    """Rows of batches.csv."""
    snapshots: list[Tensor] = field(default_factory=list)
    """Images (n, pixels) after each epoch, uint8."""
    epochs: int = 0


def save(path: Path, progress: Progress) -> None:
    tensors = {f"model/{name}": value for name, value in progress.model.state_dict().items()}
    for index, state in progress.optimiser.torch.state_dict()["state"].items():
        tensors |= {f"adam/{index}/{name}": value for name, value in state.items()}
    tensors |= {f"snapshot/{i}": images for i, images in enumerate(progress.snapshots)}
    rows = {"history": progress.history, "batches": progress.batches, "epochs": progress.epochs}
    with replacing(path) as (temporary,), writing_arrays():
        safetensors.torch.save_file(tensors, temporary, {"progress": json.dumps(rows)})


def restore(path: Path, start: Progress) -> Progress:
    """The state in a file laid over a fresh start; the start itself if there is none to use."""
    if not path.exists():
        return start
    try:
        with safetensors.safe_open(path, "pt", str(next(start.model.parameters()).device)) as file:
            rows = json.loads(file.metadata()["progress"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        log.warning("%s: unreadable training state (%s), starting anew", path, error)
        return start
    start.model.load_state_dict(_under("model/", tensors))
    _load_adam(start.optimiser.torch, _under("adam/", tensors))
    snapshots = _under("snapshot/", tensors)
    images = [snapshots[str(i)].cpu() for i in range(len(snapshots))]
    return Progress(start.model, start.optimiser, snapshots=images, **rows)


def forget(folder: Path) -> None:
    """Remove the training states of a node that has succeeded."""
    shutil.rmtree(folder, ignore_errors=True)


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}


def _load_adam(optimiser: torch.optim.Adam, tensors: Mapping[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        index, key = name.split("/")
        state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict(optimiser.state_dict() | {"state": state})
