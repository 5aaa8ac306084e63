"""Training states on disk, to continue from after an interruption, bitwise.

A file holds three parts: a line with the digest of the rest, a line of JSON with the rows of the
histories, and tensors as safetensors.
"""

import hashlib
import json
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import safetensors.torch
from torch import Tensor, nn

from vaepipe.core.files import replacing
from vaepipe.models.optimiser import Adam

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
    best: dict[str, Tensor] = field(default_factory=dict)
    """The weights after the epoch with the lowest validation loss; none without validation."""
    epochs: int = 0
    gradient_norm: float = 0.0
    """Of the loss at the last step of the last epoch, over all weights."""


def save(path: Path, progress: Progress) -> None:
    """Write a state whole or not at all; raises OSError if that fails."""
    tensors = {f"model/{name}": value for name, value in progress.model.state_dict().items()}
    tensors |= {f"adam/{name}": value for name, value in progress.optimiser.state().items()}
    tensors |= {f"best/{name}": value for name, value in progress.best.items()}
    tensors |= {f"snapshot/{i}": images for i, images in enumerate(progress.snapshots)}
    rows = {
        key: getattr(progress, key) for key in ("history", "batches", "epochs", "gradient_norm")
    }
    parts = json.dumps(rows).encode() + b"\n", safetensors.torch.save(tensors)
    with replacing(path) as (temporary,), temporary.open("wb") as file:
        file.writelines([_digest(path, *parts), *parts])


def restore(path: Path, start: Progress) -> Progress:
    """The state in a file laid over a fresh start; the start itself if there is none to use.

    What a killed process was writing there is removed. A state that is damaged, or of another
    training, is named in the log and removed; one that cannot be read now raises OSError.
    """
    for left_over in path.parent.glob(f".{path.name}.*.tmp"):
        left_over.unlink()
    if not path.exists():
        return start
    digest, *parts = _read(path)
    if digest != _digest(path, *parts):
        log.warning("%s: damaged training state, starting anew", path)
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        return start
    rows, tensors = json.loads(parts[0]), safetensors.torch.load(parts[1])
    start.model.load_state_dict(_under("model/", tensors))
    start.optimiser.load(_under("adam/", tensors))
    snapshots, best = _under("snapshot/", tensors), _under("best/", tensors)
    images = [snapshots[str(i)] for i in range(len(snapshots))]
    return Progress(start.model, start.optimiser, snapshots=images, best=best, **rows)


def forget(folder: Path) -> None:
    """Remove the training states of a node that has succeeded."""
    shutil.rmtree(folder, ignore_errors=True)


def _read(path: Path) -> tuple[bytes, bytes, bytes]:
    """The digest, the rows and the tensors in a file; all empty if a folder lies there."""
    try:
        with path.open("rb") as file:
            return file.readline(), file.readline(), file.read()
    except IsADirectoryError:
        return b"", b"", b""
    except OSError as error:
        error.filename = str(path)
        raise


def _digest(path: Path, rows: bytes, tensors: bytes) -> bytes:
    """A line of SHA-256 over which training the state is of, and over what it holds."""
    total = hashlib.sha256(f"{path.parent.name}/{path.name}\n".encode())
    total.update(rows)
    total.update(tensors)
    return f"{total.hexdigest()}\n".encode()


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
