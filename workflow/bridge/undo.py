"""Back to the last commit: `make undo` takes edits of params.yaml back, and the results with them.

What was committed comes from DVC's cache. Nothing is touched unless all of it is there, and unless
what lies in its place could come back too.
"""

import shlex
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML

root = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path[:0] = [str(root / "src"), str(root / "workflow")]

from bridge.baseline import STATE, check_code, differing, of_revision
from bridge.busy import at_work
from bridge.command import carry_out, run, some
from bridge.digests import Digests
from vaepipe.core.errors import InputError
from vaepipe.params import PARAMS, lookup, parse

SAVED = Path(".cache/undone.yaml")
"""What params.yaml was before."""


def undo() -> None:
    """Raises InputError, with nothing touched, if something would be lost."""
    from dvc.repo import Repo

    check_code()
    with Repo() as repo:
        _check_at_rest(repo)
        files = dict(committed())
        missing = [path for path, digest in files.items() if not is_cached(repo, digest)]
        if missing:
            raise InputError(
                f"DVC's cache lacks {some(missing)} of the last commit, which another machine may "
                "have made, so nothing was touched. `dvc pull` fetches them if they were pushed; "
                "`make baseline` makes what lies here the state to come back to."
            )
        unsaved = _unsaved(repo, files)
        if unsaved:
            raise InputError(
                f"{some(unsaved)} would be lost: not in DVC's cache, so nothing was touched. "
                "`make report` finishes and records the run; or delete what you do not need."
            )
    kept = ""
    if differing([str(PARAMS)]) and PARAMS.is_file():
        SAVED.parent.mkdir(exist_ok=True)
        shutil.copyfile(PARAMS, SAVED)
        kept = f" {PARAMS} as it was is kept in {SAVED}."
    run("git", "checkout", "HEAD", "--", *STATE)
    run("dvc", "checkout", "dvc.yaml")
    run(sys.executable, "workflow/bridge/adopt.py")
    print(f"Back at the last commit.{kept}", file=sys.stderr)


def _check_params(repo) -> None:
    """Raises InputError if DVC cannot read params.yaml as it is."""
    from dvc.exceptions import DvcException

    try:
        parse(PARAMS)
        _ = repo.index.stages
    except (InputError, DvcException) as error:
        raise InputError(
            f"{str(error).rstrip('.')}. Nothing was touched. Mend {PARAMS}, or take it back by "
            f"itself: `git checkout HEAD -- {PARAMS}`."
        ) from error


def _check_at_rest(repo) -> None:
    """Raises InputError if something is at work here, or if a raw file is not the committed one."""
    lines, then = at_work(repo)
    if then:
        raise InputError(f"{' '.join(lines)} Nothing was touched. Next: {then}")
    _check_params(repo)
    changed = repo.status()
    for stage in repo.index.stages:
        if not stage.cmd and stage.addressing in changed:
            raise InputError(
                f"{stage.outs[0]} is not what `dvc add` took, so nothing was touched. "
                f"`dvc checkout {shlex.quote(stage.relpath)}` brings that back, `dvc add` takes "
                "the new one."
            )


def committed(revision: str = "HEAD") -> Iterator[tuple[str, str]]:
    """Path and MD5 of each file that a commit takes from the cache.

    Of the stages that it has: dvc.lock keeps those of older graphs and of removed variants.
    """
    lock, params, graph = (
        YAML(typ="safe").load(of_revision(name, revision)) or {}
        for name in ("dvc.lock", str(PARAMS), "dvc.yaml")
    )
    tracked = set(run("git", "ls-files", "-z", "results").split("\0"))
    entries = lock.get("stages", {})
    for name in _names(graph.get("stages", {}), params):
        for out in entries.get(name, {}).get("outs", []):
            if out["path"] not in tracked:
                yield out["path"], out["md5"]


def _names(blocks: Mapping, params: Mapping) -> Iterator[str]:
    """The names of all stages, one for each key where a block has `foreach`."""
    for name, block in blocks.items():
        if "foreach" in block:
            yield from (f"{name}@{key}" for key in lookup(params, block["foreach"][2:-1]))
        else:
            yield name


def is_cached(repo, digest: str) -> bool:
    return Path(repo.cache.local.oid_to_path(digest)).exists()


def _unsaved(repo, committed: Collection[str]) -> list[str]:
    """What lies where outputs do, now or in the last commit, and is not in the cache."""
    outs = [out for stage in repo.index.stages if stage.cmd for out in stage.outs if out.use_cache]
    paths = {Path(out.fs_path).relative_to(repo.root_dir) for out in outs}
    digests = Digests()
    return [
        path.as_posix()
        for path in paths.union(map(Path, committed))
        if path.is_file() and not is_cached(repo, digests.of(path))
    ]


if __name__ == "__main__":
    carry_out(undo)
