"""Whether an entry of dvc.lock says of a node what the record of its script says."""

from collections.abc import Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from vaepipe.core import provenance


def place(stage) -> Path:
    """Where the outputs of a stage lie, by which its plan and record are found."""
    return Path(stage.cmd.split()[-1])


def record(stage) -> dict[str, Any]:
    """What the script of a stage has written down last, or nothing."""
    return provenance.load(provenance.record_file(place(stage)))


def differing(stage, record: Mapping[str, Any]) -> list[str]:
    """What a stage of DVC, as saved or as loaded from dvc.lock, states otherwise than a record.

    Sections of params.yaml and paths of files; all of them where there is no record. A folder that
    has changed since DVC saw it counts as differing.
    """
    known = record.get("files", {}) | record.get("inputs", {})
    return [
        *_differing_params(stage, record.get("params", {})),
        *(path for dep in _without_params(stage.deps) for path in _differing(dep, known)),
        *(path for out in stage.outs for path in _differing(out, record.get("outputs", {}), True)),
    ]


def _differing_params(stage, sections: Mapping[str, Any]) -> Iterator[str]:
    for dep in stage.deps:
        if hasattr(dep, "params"):
            for section, value in (dep.hash_info.value or {}).items():
                if section not in sections or sections[section] != value:
                    yield section


def _without_params(items) -> Iterator:
    return (item for item in items if not hasattr(item, "params"))


def files(items) -> dict[str, str]:
    """The contents of all these dependencies or outputs of a stage."""
    found = map(contents, _without_params(items))
    return {path: digest for files in found for path, digest in (files or {}).items()}


def contents(item) -> dict[str, str] | None:
    """The MD5 of each file of a dependency or output, by its path in the project, as DVC knows it.

    None if it is a folder whose files DVC has not kept and that is no longer the same.
    """
    root = Path(item.repo.root_dir)
    path = Path(item.fs_path).relative_to(root)
    if not item.hash_info or not item.hash_info.isdir:
        return {path.as_posix(): item.hash_info.value if item.hash_info else None}
    tree = item.obj
    if tree is None:
        now = copy(item)
        now.save()
        tree = now.obj if now.hash_info == item.hash_info else None
    if tree is None:
        return None
    return {path.joinpath(*key).as_posix(): found.value for key, _, found in tree}


def _differing(item, known: Mapping[str, str], all_known: bool = False) -> list[str]:
    found = contents(item)
    if found is None:
        return [str(item)]
    return [
        path
        for path, digest in found.items()
        if (path in known or all_known) and known.get(path) != digest
    ]
