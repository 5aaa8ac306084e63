"""MD5 of files, computed anew only where size, times or inode have changed.

A damaged cache is begun anew.
"""

import json
from contextlib import suppress
from pathlib import Path

from vaepipe.core.files import digest, replacing
from vaepipe.core.inputs import md5, stamp

CACHE = Path(".cache/digests.json")


class Digests:
    def __init__(self):
        self._known: dict[str, list] = _load()
        self._found: dict[str, str] = {}
        self._changed = False

    def of(self, path: Path) -> str:
        name = path.as_posix()
        if name not in self._found:
            self._found[name] = self._look_up(name, path)
        return self._found[name]

    def _look_up(self, name: str, path: Path) -> str:
        now = list(stamp(path))
        known = self._known.get(name)
        if known and known[0] == now:
            return known[1]
        found = md5(path)
        self._known[name] = [now, found]
        self._changed = True
        return found

    def save(self) -> None:
        if not self._changed:
            return
        with suppress(OSError):  # a cache is not worth a failure
            content = {"files": self._known, "check": _check(self._known)}
            with replacing(CACHE) as (path,):
                path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def _load() -> dict[str, list]:
    try:
        content = json.loads(CACHE.read_text(encoding="utf-8"))
        files = content["files"]
        return files if content["check"] == _check(files) else {}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return {}


def _check(files: object) -> str:
    return digest([], json.dumps(files, sort_keys=True))
