"""Code is an input: what a script has loaded must be what its stage of dvc.yaml lists."""

import re
import sys
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from ruamel.yaml import YAML

from vaepipe.core.errors import InputError
from vaepipe.core.files import existing

STAGES = Path("dvc.yaml")
PACKAGE = Path("src/vaepipe")
NO_INPUT = ("params.py", "config/*", "studies/*/config.py", "__init__.py", "*/__init__.py")
"""Modules that hold no number: the parameters that they read and check are inputs of their own."""


def loaded() -> list[Path]:
    """The files of this package's modules that are imported so far."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == "vaepipe"]
    return [Path(module.__file__) for module in modules if module.__file__]


def is_input(module: str) -> bool:
    """Whether the module at a path relative to the package changes what a node makes."""
    return not any(fnmatchcase(module, pattern) for pattern in NO_INPUT)


def listed(script: str) -> list[str]:
    """The dependencies that dvc.yaml states for the stage of a script.

    Raises InputError if no stage runs it.
    """
    stages = YAML(typ="safe").load(existing(STAGES))["stages"].values()
    for stage in stages:
        stage = stage.get("do", stage)
        if script in stage["cmd"].split():
            return [dep for dep in stage["deps"] if isinstance(dep, str)]
    raise InputError(f"{STAGES}: no stage runs {script}.")


def unlisted(modules: Iterable[str], deps: Iterable[str]) -> list[str]:
    """The modules, as paths relative to the package, that are not among a stage's dependencies.

    A folder stands for all in it. A name that params.yaml chooses, such as ${item.body}, stands
    for one module.
    """
    free = {dep for dep in deps if "${" in dep}
    fixed = tuple(set(deps) - free)
    missing = []
    for module in sorted(modules):
        path = (PACKAGE / module).as_posix()
        if any(path == dep or path.startswith(f"{dep}/") for dep in fixed):
            continue
        fits = [dep for dep in free if fnmatchcase(path, re.sub(r"\$\{[^}]+\}", "*", dep))]
        if fits:
            free.remove(fits[0])
        else:
            missing.append(path)
    return missing


def check(script: str) -> None:
    """Raises InputError if this process has loaded a module that the stage of its script misses."""
    root = Path(__file__).parents[1]
    modules = [path.relative_to(root).as_posix() for path in loaded()]
    missing = unlisted(filter(is_input, modules), listed(script))
    if missing:
        raise InputError(
            f"{STAGES}: the stage of {script} does not list {', '.join(missing)}, so an edit there "
            "would go unnoticed. Nothing was written; write the lists with "
            "`python workflow/bridge/imports.py`, then run the same command again."
        )
