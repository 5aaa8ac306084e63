"""Code is an input: what a script has loaded must be what its stage of dvc.yaml lists.

Modules are loaded from their sources, never from bytecode, and digested as they are loaded.
"""

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from vaepipe.core.errors import InputError
from vaepipe.core.inputs import existing

STAGES = Path("dvc.yaml")
PACKAGE = Path("src/vaepipe")
NO_INPUT = ("params.py", "config/*", "studies/*/config.py", "__init__.py", "*/__init__.py")
"""Modules that hold no number: the parameters that they read and check are inputs of their own."""

_LOADED: dict[Path, str] = {}


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str):
        path = self.get_filename(fullname)
        source = self.get_data(path)
        _LOADED[Path(path)] = _md5(source)
        return self.source_to_code(source, path)


class _Finder(PathFinder):
    @classmethod
    def find_spec(cls, fullname, path=None, target=None) -> ModuleSpec | None:
        if fullname.split(".")[0] != "vaepipe":
            return None
        spec = super().find_spec(fullname, path, target)
        if spec and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.origin)
        return spec


def watch() -> None:
    """Digest the script and the library's modules, those to come as they are loaded."""
    sys.meta_path.insert(0, _Finder)
    for name, module in sys.modules.items():
        if name.split(".")[0] in ("__main__", "vaepipe") and getattr(module, "__file__", None):
            _LOADED[Path(module.__file__)] = _md5(Path(module.__file__).read_bytes())


def loaded() -> dict[str, str]:
    """The MD5 of the script's source and of those modules that are inputs, as loaded so far.

    By their paths relative to the project.
    """
    root = Path(__file__).parents[1]
    found = {}
    for path, digest in _LOADED.items():
        if not path.is_relative_to(root):
            found[Path(os.path.relpath(path)).as_posix()] = digest
        elif is_input(module := path.relative_to(root).as_posix()):
            found[(PACKAGE / module).as_posix()] = digest
    return found


def _md5(source: bytes) -> str:
    return hashlib.md5(source, usedforsecurity=False).hexdigest()


def is_input(module: str) -> bool:
    """Whether the module at a path relative to the package changes what a node makes."""
    return not any(fnmatchcase(module, pattern) for pattern in NO_INPUT)


def stage(script: str) -> dict[str, Any]:
    """The stage of dvc.yaml that runs a script; raises InputError if none does."""
    stages = YAML(typ="safe").load(existing(STAGES))["stages"].values()
    for block in stages:
        if script in block.get("do", block)["cmd"].split():
            return block
    raise InputError(f"{STAGES}: no stage runs {script}.")


def listed(script: str) -> list[str]:
    """The dependencies that dvc.yaml states for the stage of a script."""
    block = stage(script)
    return [dep for dep in block.get("do", block)["deps"] if isinstance(dep, str)]


def unlisted(paths: Iterable[str], deps: Iterable[str]) -> list[str]:
    """The files that are not among a stage's dependencies.

    A folder stands for all in it. A name that params.yaml chooses, such as ${item.body}, stands
    for one module.
    """
    free = {dep for dep in deps if "${" in dep}
    fixed = tuple(set(deps) - free)
    missing = []
    for path in sorted(paths):
        if any(path == dep or path.startswith(f"{dep}/") for dep in fixed):
            continue
        fits = [dep for dep in free if fnmatchcase(path, re.sub(r"\$\{[^}]+\}", "*", dep))]
        if fits:
            free.remove(fits[0])
        else:
            missing.append(path)
    return missing


def check_listed(paths: Iterable[str], deps: Iterable[str], script: str) -> None:
    """Raises InputError if one of these files is not among the dependencies of a script's stage."""
    missing = unlisted(paths, deps)
    if missing:
        raise InputError(
            f"{STAGES}: the stage of {script} does not list {', '.join(missing)}, so an edit there "
            "would go unnoticed. Nothing was written; write the lists with "
            "`python workflow/bridge/imports.py`, then run the same command again."
        )


def check_same(used: Mapping[str, str], planned: Mapping[str, str]) -> None:
    """Raises InputError if one of these files, of those in `planned`, is another than there."""
    edited = [path for path in used if path in planned and used[path] != planned[path]]
    if edited:
        raise InputError(
            f"{', '.join(sorted(edited))} was edited during this run, so nothing was written. "
            "Run the same command again."
        )
