"""Training states on disk, to continue from after an interruption, bitwise.

A file holds a line with the digest of the rest; a line of JSON with the rows of the histories and
the names, types and shapes of the tensors; and the tensors' bytes, one after the other. It is
written and read a tensor at a time, so that no state is in memory twice.
"""

import hashlib
import json
import logging
import math
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor, nn

from vaepipe.core.files import replacing
from vaepipe.models.optimiser import Adam

log = logging.getLogger(__name__)

ROWS = ("history", "batches", "epochs", "gradient_norm")
"""What JSON holds of a state."""
BLOCK = 2**20
"""Bytes that are read at a time."""


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
    best: dict[str, Tensor] = field(default_factory=dict)
    """The weights after the epoch with the lowest validation loss; none without validation."""
    epochs: int = 0
    gradient_norm: float = 0.0
    """Of the loss at the last step of the last epoch, over all weights."""


def save(path: Path, progress: Progress) -> None:
    """Write a state whole or not at all; raises OSError if that fails."""
    tensors = _moving(progress)
    tensors |= {f"best/{name}": value for name, value in progress.best.items()}
    tensors |= {f"snapshot/{i}": images for i, images in enumerate(progress.snapshots)}
    head = {name: getattr(progress, name) for name in ROWS}
    head["tensors"] = [[n, str(t.dtype).split(".")[1], list(t.shape)] for n, t in tensors.items()]
    line = json.dumps(head).encode() + b"\n"
    with replacing(path) as (temporary,), temporary.open("wb") as file:
        file.write(_digest(path, chain([line], map(_bytes, tensors.values()))))
        file.write(line)
        for tensor in tensors.values():
            file.write(_bytes(tensor))


def restore(path: Path, start: Progress) -> Progress:
    """The state in a file laid over a fresh start; the start itself if there is none to use.

    What a killed process was writing there is removed. A state that is damaged, or of another
    training, is named in the log and removed; one that cannot be read now raises OSError.
    """
    for left_over in path.parent.glob(f".{path.name}.*.tmp"):
        left_over.unlink()
    if not path.exists():
        return start
    try:
        with path.open("rb") as file:
            if file.readline() == _digest(path, iter(lambda: file.read(BLOCK), b"")):
                file.seek(0)
                return _resumed(file, start)
    except IsADirectoryError:
        pass
    except OSError as error:
        error.filename = str(path)
        raise
    log.warning("%s: damaged training state, starting anew", path)
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    return start


def forget(folder: Path) -> None:
    """Remove the training states of a node that has succeeded."""
    shutil.rmtree(folder, ignore_errors=True)


def _resumed(file: BinaryIO, start: Progress) -> Progress:
    """The state in a sound file: what moves in training is written over that of the start."""
    file.readline()
    head = json.loads(file.readline())
    moving, kept = _moving(start), {}
    for name, tensor in _tensors(file, head.pop("tensors")):
        if name in moving:
            moving[name].copy_(tensor)
        else:
            kept[name] = tensor
    snapshots, best = _under("snapshot/", kept), _under("best/", kept)
    images = [snapshots[str(i)] for i in range(len(snapshots))]
    return Progress(start.model, start.optimiser, snapshots=images, best=best, **head)


def _moving(progress: Progress) -> dict[str, Tensor]:
    """The tensors that a step writes to, by name."""
    return {
        **{f"model/{name}": value for name, value in progress.model.state_dict().items()},
        **{f"adam/{name}": value for name, value in progress.optimiser.state().items()},
    }


def _tensors(file: BinaryIO, index: Iterable) -> Iterator[tuple[str, Tensor]]:
    """Name after name and what the file holds of it."""
    for name, dtype, shape in index:
        array = np.fromfile(file, dtype, math.prod(shape)).reshape(shape)
        yield name, torch.from_numpy(array)


def _bytes(tensor: Tensor) -> memoryview:
    """The memory of a tensor as it lies, or a copy of that of a GPU."""
    return tensor.detach().cpu().contiguous().flatten().numpy().view(np.uint8).data


def _digest(path: Path, parts: Iterable[bytes | memoryview]) -> bytes:
    """A line of SHA-256 over which training the state is of, and over what it holds."""
    total = hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode())
    for part in parts:
        total.update(part)
    return f"{total.hexdigest()}\n".encode()


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
