"""Files: written whole or not at all, and digested."""

import errno
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load, save_file

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import reading

UNREADABLE = (SafetensorError, KeyError, TypeError, AttributeError)
"""What safetensors raises: the last three at a type that numpy has not."""
LARGEST = 1e12
"""No pixel, latent or measure comes near; the squares of what is smaller are finite in float32."""


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


class Form(BaseModel):
    """What a reader of a JSON object expects to find in it; there may be more."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


def read_json(path: Path, form: type[Form] = Form) -> dict:
    """A JSON object as it stands in the file.

    Raises InputError that names the key if the file is missing, is no such object or does not
    have the form.
    """
    with reading(path):
        content = path.read_bytes()
    try:
        form.model_validate_json(content)
        return json.loads(content)
    except ValueError as error:
        reason = fault(error) if isinstance(error, ValidationError) else str(error)
        raise InputError(f"{path}: {reason}. Delete the file and run again.") from error


def fault(error: ValidationError) -> str:
    """The first thing that is wrong with JSON, and under which key, in one line."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"not valid JSON ({first['ctx']['error']})"
    key = ".".join(map(str, first["loc"])) or "the file"
    return f"{key}: {first['msg'].removeprefix('Value error, ').lower()}"


def read_arrays(path: Path, axes: Mapping[str, Sequence[str]] | None = None) -> dict:
    """The arrays of a safetensors file, by name.

    `axes` name the axes of arrays that must be there. Raises InputError if the file is missing or
    corrupt, or one of these is missing, has other axes, is empty or holds what is not below
    LARGEST, or an axis is not of the same length in all of them.
    """
    arrays = _read_arrays(path)
    lengths: dict[str, int] = {}
    for name, expected in (axes or {}).items():
        found = arrays.get(name, np.array(np.nan))
        if (
            len(expected) != found.ndim
            or any(
                lengths.setdefault(*axis) != axis[1]
                for axis in zip(expected, found.shape, strict=True)
            )
            or not found.size
            or not (np.abs(found) < LARGEST).all()  # nor is what is no number
        ):
            raise InputError(
                f"{path}: '{name}' is not an array of finite numbers ({', '.join(expected)}) that "
                "fits the others. Delete it and run again."
            )
    return arrays


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    with _readable(path):
        return load(path.read_bytes())  # load_file calls any failure to open "no such file"


def read_under(path: Path, prefix: str) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file whose names have a prefix, by what follows it.

    They are in memory once, whatever else the file holds: it is opened anew for each, since what
    was read of an open one stays in memory too. Raises InputError as `read_arrays` does.
    """
    with _readable(path):
        with path.open("rb"):  # safetensors calls any failure to open "no such file"
            pass
        with safe_open(path, "numpy") as file:
            names = file.keys()
        found = {}
        for name in filter(lambda name: name.startswith(prefix), names):
            with safe_open(path, "numpy") as file:
                found[name.removeprefix(prefix)] = file.get_tensor(name)
        return found


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Turn what safetensors raises at a file that it cannot read into an InputError."""
    try:
        with reading(path):
            yield
    except UNREADABLE as error:
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
    """Write a safetensors file; raises OSError if that fails.

    Safetensors writes memory as it lies, whatever the strides of an array.
    """
    with writing_arrays():
        save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


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
