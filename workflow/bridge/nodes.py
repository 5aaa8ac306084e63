"""Node files: what a node of the graph reads beside its input files, as an input file.

Snakemake compares times and contents of files. What it would not see reaches it as a changed node
file: a changed parameter, a raw file replaced by an older one, and an output that someone else
wrote (DVC, a checkout, a hand), which must not pass as made from what the inputs hold now.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from vaepipe.config.sources import raw_files
from vaepipe.core.errors import InputError
from vaepipe.core.files import digest, read_json, replacing, write_json
from vaepipe.params import Params, lookup

DIGESTS = Path(".cache/digests.json")


class Nodes:
    """The node files of one run of Snakemake, each brought up to date once.

    `made` gives the time that Snakemake recorded for an output, or None. The first output that it
    did not make is named to the user, unless `quiet`.
    """

    def __init__(self, params: Mapping, made: Callable[[str], float | None], quiet: bool):
        self._params = params
        self._made = made
        self._told = quiet
        self._updated: set[Path] = set()

    def update(
        self,
        path: Path,
        sections: Sequence[str],
        raw: Sequence[str],
        outputs: Sequence[str],
        benchmark: Path,
    ) -> None:
        """Bring a node file up to date; the measurement of a foreign output is removed."""
        if path in self._updated:
            return
        self._updated.add(path)
        if not update_node(path, self._params, sections, raw, outputs, self._made):
            return
        benchmark.unlink(missing_ok=True)
        if not self._told:
            print(
                f"Snakemake did not make {outputs[0]}, so it will be made again. If DVC did, "
                "`python workflow/bridge/adopt.py` takes over all that DVC made.",
                file=sys.stderr,
            )
            self._told = True


def update_node(
    path: Path,
    params: Mapping,
    sections: Sequence[str],
    raw: Sequence[str],
    outputs: Sequence[str],
    made: Callable[[str], float | None],
) -> bool:
    """Bring a node file up to date; it is written only if its content changes.

    It holds the resolved parameter sections, the digests of raw files, and a counter that is
    raised when an output exists and is not the file that Snakemake made or adopted: `made` gives
    the time that Snakemake recorded for an output, or None. Returns whether there is such an
    output.
    """
    foreign = any(_is_foreign(file, made(file)) for file in outputs)
    before = _before(path)
    content = {
        "params": {section: lookup(params, section) for section in sections},
        "raw": {file: cached_digest(Path(file)) for file in raw},
        "foreign": before.get("foreign", 0) + foreign,
    }
    if content != before:
        with replacing(path) as (temporary,):
            temporary.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n")
    return foreign


def _is_foreign(output: str, made: float | None) -> bool:
    path = Path(output)
    return path.exists() and path.lstat().st_mtime != made


def _before(path: Path) -> dict[str, Any]:
    """The content of a node file; empty if there is none or it is damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


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
    for path in raw_files(params.sources):
        if not path.is_file():
            known = path.with_name(f"{path.name}.dvc").is_file()
            remedy = (
                "Run `dvc pull`, or `dvc checkout` if it was here before."
                if known
                else "Put it there (README.md, 'Your own data', says where the official files "
                "come from)."
            )
            raise InputError(
                f"{path}: no such file, but params.yaml names it in a source. {remedy}"
            )
