"""Node files: what a node of the graph reads beside its input files, as an input file.

Snakemake compares times and contents of files, so a changed parameter, or a raw file replaced
by an older one, reaches it as a changed node file.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vaepipe.config import Params, dump, raw_files
from vaepipe.errors import InputError
from vaepipe.files import digest, read_json, replacing, write_json

NODES = Path(".cache/nodes")
DIGESTS = Path(".cache/digests.json")


def write_node(
    name: str, params: Params, sections: Sequence[str], raw: Sequence[str], write: bool
) -> str:
    """The path of a node's file; with `write`, brought up to date if its content has changed."""
    path = NODES / f"{name}.json"
    if write:
        content = {
            "params": {section: lookup(params, section) for section in sections},
            "raw": {file: cached_digest(Path(file)) for file in raw},
        }
        text = json.dumps(content, indent=2, sort_keys=True) + "\n"
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            with replacing(path) as (temporary,):
                temporary.write_text(text, encoding="utf-8")
    return str(path)


def lookup(params: Params, section: str) -> Any:
    """The value at a dotted path; raises InputError if there is none."""
    value: Any = dump(params)
    for key in section.split("."):
        if key not in value:
            raise InputError(f"params.yaml: there is no {section}.")
        value = value[key]
    return value


def cached_digest(path: Path) -> str:
    """SHA-256 of a raw file, computed anew only where its size, time or inode has changed."""
    stat = path.stat()
    stamp = [stat.st_size, stat.st_mtime_ns, stat.st_ino]
    cache = read_json(DIGESTS) if DIGESTS.is_file() else {}
    if cache.get(str(path), {}).get("stamp") != stamp:
        cache[str(path)] = {"stamp": stamp, "digest": digest([path])}
        with replacing(DIGESTS) as (temporary,):
            write_json(temporary, cache)
    return cache[str(path)]["digest"]


def check_raw_files(params: Params) -> None:
    """Raises InputError that names a missing raw file and where to get it."""
    for path in raw_files(params):
        if not path.is_file():
            raise InputError(
                f"{path}: no such file, but params.yaml names it in a data set's source. Put it "
                "there (README.md, 'Your own data', says where the official files come from)."
            )
