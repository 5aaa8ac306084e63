"""How each output was made, written beside none of them: plans of the engine, records of scripts.

For a node whose outputs lie at X, Snakemake writes its plan to .cache/nodes/X.json before it runs
anything: the parameters and digests of the code and raw files that it has decided on. The script
takes its parameters from there, and writes to .cache/provenance/X.json what it has truly used and
made. An output is what an engine claims only if that record says so; see workflow/bridge.
"""

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing

PLANS = Path(".cache/nodes")
RECORDS = Path(".cache/provenance")
PLANNED = "VAEPIPE_PLANNED"
"""The variable of the environment in which Snakemake's jobs run."""


def plan_file(place: Path) -> Path:
    return PLANS / place.with_suffix(".json")


def record_file(place: Path) -> Path:
    return RECORDS / place.with_suffix(".json")


def load(path: Path) -> dict[str, Any]:
    """The content of a plan or record; empty if there is none or it is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    whole = isinstance(content, dict) and all(
        isinstance(content.get(part, {}), dict) for part in ("params", "files", "inputs", "outputs")
    )
    return content if whole else {}


def write(path: Path, content: Mapping[str, Any]) -> None:
    with replacing(path) as (temporary,):
        temporary.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def plan(place: Path) -> dict[str, Any] | None:
    """The plan of the job that this process is; None if Snakemake has not started it.

    Raises InputError if the plan is missing or damaged.
    """
    if PLANNED not in os.environ:
        return None
    content = load(plan_file(place))
    if not all(isinstance(content.get(part), dict) for part in ("params", "files")):
        raise InputError(
            f"{plan_file(place)}: the plan of this node is missing or damaged. Run snakemake "
            "again, which writes it anew."
        )
    return content


def tree(sections: Mapping[str, Any]) -> dict[str, Any]:
    """Sections of params.yaml, by their dotted keys, as the nested part of it that they are."""
    root: dict[str, Any] = {}
    for key, value in sections.items():
        *parents, last = key.split(".")
        place = root
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value
    return root


def check_folders(parents: Sequence[Path], names: Sequence[str], kind: str) -> None:
    """Raises InputError if something in one of the parents has none of the names.

    It names the command that removes what this pipeline has made. Hidden files, such as those of
    file managers, are left alone; DVC does not see them either (.dvcignore).
    """
    found = sorted(p for parent in parents if parent.is_dir() for p in parent.iterdir())
    strangers = [p for p in found if p.name not in names and not p.name.startswith(".")]
    if not strangers:
        return
    paths = ", ".join(shlex.quote(str(path)) for path in strangers)
    unknown = ", ".join(sorted({shlex.quote(path.name) for path in strangers}))
    message = f"{paths}: {unknown} is no {kind} of params.yaml."
    if others := [path for path in strangers if not record_file(path).is_file()]:
        message += f" Move {shlex.join(map(str, others))} elsewhere: this pipeline has not made it."
    if made := [path for path in strangers if record_file(path).is_file()]:
        message += f" Remove what is left over: rm -r -- {shlex.join(map(str, made))}"
    raise InputError(message)
