"""Files: written whole or not at all, and digested."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from vaepipe.errors import InputError


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
        return load_file(existing(path))
    except SafetensorError as error:
        raise InputError(
            f"{path}: not a readable safetensors file ({error}). Delete it and run again: "
            "it will be made anew."
        ) from error


def existing(path: Path) -> Path:
    """The path itself; raises InputError if no file lies there."""
    if not path.is_file():
        raise InputError(f"{path}: no such file.")
    return path


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


def loaded_code() -> list[Path]:
    """The files of this package's modules that are imported so far."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "vaepipe"]
    return [Path(module.__file__) for module in modules]


def code_files(root: Path = Path()) -> list[Path]:
    """The files of a project whose digest the report states: library, scripts, report's text."""
    folders = ("src/vaepipe", "workflow/scripts", "workflow/report")
    return sorted(
        path
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".tmp"
    )
