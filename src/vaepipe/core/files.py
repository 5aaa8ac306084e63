"""Files: written whole or not at all, and digested."""

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save_file

from vaepipe.core.errors import InputError


@contextmanager
def replacing(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Paths beside the targets to write to; moved over the targets if the block succeeds.

    On any failure the temporary files are removed and the targets are left as they were. Each
    script writes all outputs of its node within one such block; the library's functions write
    to the path that they are given.
    """
    temporary = tuple(target.with_name(f".{target.name}.{os.getpid()}.tmp") for target in targets)
    for target in targets:
        target.parent.mkdir(parents=True, exist_ok=True)
    try:
        yield temporary
        for source, target in zip(temporary, targets, strict=True):
            source.replace(target)
    except OSError as error:
        error.filename = error.filename or str(targets[0].parent)
        raise
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2, allow_nan=False) + "\n", encoding="utf-8")


def read_json(path: Path) -> dict:
    """Raises InputError if the file is missing or is not JSON."""
    try:
        return json.loads(existing(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(
            f"{path}: not valid JSON ({error}). Delete the file and run again."
        ) from error


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file; raises InputError if it is missing or corrupt."""
    try:
        return load(
            existing(path).read_bytes()
        )  # load_file calls any failure to open "no such file"
    except SafetensorError as error:
        raise InputError(
            f"{path}: not a readable safetensors file ({error}). Delete it and run again: "
            "it will be made anew."
        ) from error


@contextmanager
def writing_arrays() -> Iterator[None]:
    """Turn what safetensors raises where it cannot write, such as a full disk, into an OSError."""
    try:
        yield
    except SafetensorError as error:
        full = "No space left" in str(error)
        raise OSError(errno.ENOSPC if full else errno.EIO, str(error)) from error


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write a safetensors file; raises OSError if that fails."""
    with writing_arrays():
        save_file(dict(arrays), path)


def existing(path: Path) -> Path:
    """The path itself; raises InputError if no file lies there."""
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    return path


def check_folders(parents: Sequence[Path], names: Sequence[str], kind: str) -> None:
    """Raises InputError if a folder in one of the parents has none of the names."""
    found = sorted(p for parent in parents if parent.is_dir() for p in parent.iterdir())
    strangers = [path for path in found if path.name not in names]
    if strangers:
        unknown = sorted({path.name for path in strangers})
        raise InputError(
            f"{', '.join(map(str, strangers))}: {', '.join(unknown)} is no {kind} of params.yaml. "
            f"Remove what is left over: rm -r {' '.join(map(str, strangers))}"
        )


def tree(*folders: Path) -> list[Path]:
    """The files in folders, but for what is compiled or temporary."""
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".tmp"
    )


def digest(paths: Iterable[Path], *texts: str) -> str:
    """SHA-256 over the names and contents of files, in sorted order, and over texts."""
    total = hashlib.sha256()
    for path in sorted(paths):
        with path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{path.as_posix()} {content}\n".encode())
    for text in texts:
        total.update(f"{text}\n".encode())
    return total.hexdigest()
