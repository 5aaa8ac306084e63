"""A node of the graph, as its script sees it: parameters in, outputs in place, a record of both."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from vaepipe.core import code, numerics, provenance
from vaepipe.core.errors import InputError
from vaepipe.core.files import replacing
from vaepipe.core.inputs import md5, noting
from vaepipe.core.making import maker, making
from vaepipe.params import dump, load_params, lookup

T = TypeVar("T")

STAGE = "DVC_STAGE"
"""The variable of the environment in which DVC names the stage that it runs."""
REGISTER = Path(".dvc/tmp/rwlock")
"""The files that DVC is making, with the number of its process."""
PATIENCE = 1.0
"""Seconds: the register may be in the middle of being written."""
WITNESS = "workflow/bridge/witness.py"


@contextmanager
def node(read: Callable[[Mapping], T], *outputs: Path) -> Iterator[tuple[T, tuple[Path, ...]]]:
    """What a node reads of params.yaml, and the paths to write its outputs to.

    `read` takes params.yaml as a mapping. Under Snakemake that is the part of it which the plan
    holds, as it was when the run was planned: an edit meanwhile waits for the next run. The files
    move into place if the block succeeds, and a record of how they were made is written.

    Raises InputError, with nothing written, if another process makes this node; if code is loaded
    that its stage of dvc.yaml does not list, or that is not the planned one; and, outside
    Snakemake, if anything that was read has been edited meanwhile, since DVC takes down what it
    finds afterwards.
    """
    script, place = os.path.relpath(sys.argv[0]), Path(sys.argv[-1])
    with making(place), noting() as inputs:
        plan = provenance.plan(place)
        params = provenance.tree(plan["params"]) if plan else dump(load_params())
        numerics.settle(params.get("numerics", "fast"))
        listed = plan["files"] if plan else code.listed(script)
        _check_unchanged(plan, code.loaded())
        _clear_away(outputs)
        settings = read(params)
        with replacing(*outputs) as files:
            yield settings, files
            code.check_listed(code.loaded(), listed, script)
            _check_unchanged(plan, code.loaded() | inputs)
            if not plan and read(dump(load_params())) != settings:
                raise InputError(
                    "params.yaml was edited while this ran, so the outputs would not be what it "
                    "says. Nothing was written; run the same command again."
                )
            made = {path.as_posix(): md5(file) for path, file in zip(outputs, files, strict=True)}
            provenance.record_file(place).unlink(missing_ok=True)
        used = plan or {"params": _of_stage(script, params), "files": code.loaded()}
        provenance.write(provenance.record_file(place), {**used, "inputs": inputs, "outputs": made})
    if STAGE in os.environ:
        _call_witness(outputs[0])


def _clear_away(outputs: Sequence[Path]) -> None:
    """Remove the temporary files of processes that were killed while they made this node."""
    for output in outputs:
        for left in output.parent.glob(f".{output.name}.*.tmp"):
            left.unlink()


def _check_unchanged(plan: Mapping[str, Any] | None, used: Mapping[str, str]) -> None:
    """Raises InputError if these files, as used, are not those planned, or those that lie there."""
    there = plan["files"] if plan else {path: md5(Path(path)) for path in used}
    code.check_same(used, there)


def _call_witness(output: Path) -> None:
    """Let a process attend to the run of DVC that has entered an output in its register.

    Without such an entry DVC has given this stage up, and takes nothing down.
    """
    number = _dvc(output)
    if number and not maker(Path("witness", number)):
        command = [sys.executable, WITNESS, number]
        subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _dvc(output: Path) -> str | None:
    """The number of the process of DVC that makes an output, or None."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            busy = json.loads(REGISTER.read_text(encoding="utf-8"))
            return str(busy["write"][str(output.absolute())]["pid"])
        except (FileNotFoundError, KeyError):
            return None
        except (ValueError, TypeError, RecursionError):  # another process may be writing it
            if time.monotonic() > until:
                return None
            time.sleep(0.02)


def _of_stage(script: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The sections of params.yaml that DVC takes down for the stage that this process is.

    Nothing if a person has called the script.
    """
    if STAGE not in os.environ:
        return {}
    block = code.stage(script)
    key = os.environ[STAGE].partition("@")[2]
    names: dict[str, Any] = {"key": key, "item": key}
    if key and isinstance(items := lookup(params, block["foreach"][2:-1]), dict):
        names["item"] = items[key]

    def filled(section: str) -> str:
        return re.sub(r"\$\{([\w.]+)\}", lambda match: str(lookup(names, match[1])), section)

    sections = map(filled, block.get("do", block)["params"])
    return {section: lookup(params, section) for section in sections}
