"""Kills and edits at random moments of runs of either engine."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from attack.verdicts import FINE, LOST, TRACEBACK, WRONG, BrokenError, Tally
from claims import (
    REPORT,
    STATUS,
    Claims,
    content_digest,
    fault,
    follow,
    follow_status,
    inputs_of,
    output,
)
from conftest import Project
from graph.walk import CODE, ENGINES, PARAMS, RAW, name_raw_files, raw_contents
from ruamel.yaml import YAML

from vaepipe.params import lookup

RECORD = ("python", "workflow/bridge/record.py")
ADOPT = ("python", "workflow/bridge/adopt.py")
TOUCH = ("snakemake", "--touch", "--cores", "1", REPORT)
SECONDS = 12
"""About how long a run of the tiny project takes."""

Undo = Callable[[], object]


class Target:
    """A tiny project under attack; `steps` tells what has been done to it."""

    def __init__(self, folder: Path, rng: random.Random):
        self.random = rng
        self.steps: list[str] = []
        self.raw = raw_contents()
        (folder / "base").mkdir()
        self.base = Project(folder / "base")
        self._build(self.base)
        self.claims = Claims(self.base)
        self.project = self.base
        self.renew()

    def _build(self, project: Project) -> None:
        """Build two revisions, one on the branch `other`."""
        self.params = {k: v for k, v in PARAMS.items() if "second" not in k}
        self.code = {k: v for k, v in CODE.items() if "second" not in k}
        name_raw_files(project, self.raw[0])
        project.edit({"studies.letters.training.seeds": [0], "studies.letters.variants": ["vae_2"]})
        project.edit_block("variants", lambda block: {"vae_2": block["vae_2"]})
        project.run("dvc", "add", *RAW)
        project.snakemake()
        project.commit("built")
        project.run("git", "checkout", "-q", "-b", "other")
        project.edit({"datasets.letters.level": 0.1})
        project.snakemake()
        project.commit("other")
        project.run("git", "checkout", "-q", "-")
        project.run("dvc", "checkout")
        project.adopt()

    def renew(self) -> None:
        """Go back to the good project."""
        folder = self.base.folder.with_name("attacked")
        shutil.rmtree(folder, ignore_errors=True)
        self.project = self.claims.project = self.base.copy(folder)

    def say(self, step: str) -> None:
        self.steps.append(step)

    # What a user does.

    def run(self, *command: str) -> subprocess.CompletedProcess:
        result = self.project.run(*command, check=False)
        self.check_output(command[0], output(result))
        return result

    def start(self) -> subprocess.Popen:
        command = self.random.choice(ENGINES)
        self.say(command[0])
        return self.project.start(*command)

    def edit_something(self) -> Undo:
        """Edit a parameter, code or a raw file."""
        return self.random.choice(
            [self.edit_parameter, self.edit_parameter, self.edit_code, self.edit_raw_file]
        )()

    def edit_parameter(self) -> Undo:
        key = self.random.choice(list(self.params))
        before = self.read("params.yaml")
        current = lookup(YAML(typ="safe").load(before), key)
        value = self.random.choice([v for v in self.params[key] if v != current])
        self.say(f"{key} = {value}")
        self.project.edit({key: value})
        return lambda: self.write("params.yaml", before)

    def edit_code(self) -> Undo:
        name = self.random.choice(list(self.code))
        before = self.read(name)
        old, new = (text.encode() for text in self.code[name])
        if old not in before:
            old, new = new, old
        self.say(f"{name}: {new.decode()}")
        self.write(name, before.replace(old, new))
        return lambda: self.write(name, before)

    def edit_raw_file(self) -> Undo:
        name = self.random.choice(RAW)
        before = self.read(name)
        index = self.random.choice([i for i, raw in enumerate(self.raw) if raw != before])
        self.say(f"{name} = {index}")
        self.write(name, self.raw[index])
        return lambda: self.write(name, before)

    def check_out_other_data(self) -> Undo:
        self.say("dvc checkout of another revision")
        before = self.read("dvc.lock")
        other = self.project.run("git", "show", "other:dvc.lock").stdout
        self.write("dvc.lock", other.encode())
        self.run("dvc", "checkout")
        return lambda: self.write("dvc.lock", before)

    def overwrite_output(self) -> Undo:
        name = self.random.choice(self.claims.existing())
        self.say(f"overwrite {name}")
        before = self.read(name)
        self.write(name, before + b" ")
        return lambda: self.write(name, before)

    def run_beside(self) -> Undo:
        command = self.random.choice([("snakemake", "-n"), *ENGINES])
        self.say(f"beside it {' '.join(command[:2])}")
        self.run(*command)
        return lambda: None

    def touch_and_record(self) -> Undo:
        self.say("snakemake --touch, record.py")
        self.run(*TOUCH)
        self.run(*RECORD)
        return lambda: None

    def read(self, name: str) -> bytes:
        return (self.project.folder / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        copy = self.project.folder / "copy.tmp"
        copy.write_bytes(content)
        copy.replace(self.project.folder / name)

    def wait(self, seconds: float, process: subprocess.Popen | None = None) -> None:
        """Wait, but no longer than a process lives."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not (process and process.poll() is not None):
            time.sleep(0.02)

    def wait_for_orphans(self) -> None:
        end = time.monotonic() + 120
        while scripts(self.project.folder):
            if time.monotonic() > end:
                raise BrokenError(LOST, "a script never ends")
            time.sleep(0.1)

    # What must hold.

    def check_output(self, command: str, text: str) -> None:
        if found := fault(text):
            lines = found.strip().splitlines()
            raise BrokenError(TRACEBACK, f"{command}: {lines[0]} … {lines[-1][:200]}")

    def check_claims(self) -> None:
        """What an engine calls fresh is what a clean build makes, wherever it exists."""
        for engine, is_done in (
            ("snakemake", self.claims.snakemake_is_done),
            ("dvc", self.claims.dvc_is_done),
        ):
            if is_done():
                try:
                    self.claims.compare(self.claims.existing())
                except AssertionError as error:
                    raise BrokenError(WRONG, f"{engine} is done, but some files {error}") from None

    def settle(self) -> None:
        """Run an engine, following its advice, until it is done and all is there."""
        command = self.random.choice([*ENGINES, STATUS])
        self.say(f"to the end: {' '.join(command[:2])}")
        for _ in range(6):
            if command == STATUS:
                self.say(f"followed: {follow_status(self.project)}")
            result = self.run(*command)
            if not result.returncode:
                break
            self.wait_for_orphans()
            followed = follow(self.project, output(result))
            self.say(f"as told: {followed}")
        else:
            raise BrokenError(LOST, f"no advice leads out: {output(result)[-400:]}")
        self.check_claims()
        missing = set(self.claims.clean_build()) - set(self.claims.existing())
        if missing:
            self.run("dvc", "checkout")
            missing -= set(self.claims.existing())
        if missing:
            raise BrokenError(LOST, f"gone: {sorted(missing)}")

    def users_files(self) -> dict[str, str | None]:
        folder = self.project.folder
        return {name: content_digest(folder / name) for name in inputs_of(folder)}


def scripts(folder: Path) -> list[int]:
    """The processes that run a script of the project in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_script = b"workflow/scripts/" in (process / "cmdline").read_bytes()
            if is_script and (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:  # it has ended
            continue
    return found


def kill(target: Target) -> None:
    """Edit, run, kill, and look at the claims; once in four times run to the end."""
    rng = target.random
    target.edit_something()
    process = target.start()
    target.wait(rng.uniform(0, SECONDS), process)
    kind = rng.choice(["engine", "group", "script"])
    target.say(f"kill the {kind}")
    victims = scripts(target.project.folder)
    if kind == "script" and victims:
        send(os.kill, rng.choice(victims))
    elif kind == "engine":
        send(os.kill, process.pid)
    else:
        send(os.killpg, process.pid)
    if rng.random() < 0.5:
        target.wait_for_orphans()
    target.check_output("the killed run", process.communicate()[0])
    target.run("snakemake", "--unlock")
    target.check_claims()
    if rng.random() < 0.25:
        target.settle()


def send(how: Callable[[int, int], None], number: int) -> None:
    try:
        how(number, signal.SIGKILL)
    except ProcessLookupError:  # it has ended
        return


def edit(target: Target) -> None:
    """Edit and run; interfere at a random moment, perhaps take it back; see what is claimed."""
    rng = target.random
    target.edit_something()
    process = target.start()
    interfere = rng.choice(
        [
            *[target.edit_parameter, target.edit_code, target.edit_raw_file] * 2,
            target.check_out_other_data,
            target.overwrite_output,
            target.run_beside,
            target.touch_and_record,
        ]
    )
    target.wait(rng.choice([rng.uniform(0, SECONDS), 3600]), process)
    undo = interfere()
    back = rng.choice(["at once", "during the run", "at its end", "after it", "never"])
    if back == "during the run":
        target.wait(rng.uniform(0, SECONDS), process)
    if back in ("at once", "during the run"):
        undo()
    target.check_output("the run", process.communicate()[0])
    if back == "at its end":
        undo()
    target.check_claims()
    if back == "after it":
        undo()
    target.say(f"taken back {back}")
    users_files = target.users_files()
    target.check_claims()
    for command in rng.sample([RECORD, ADOPT], rng.randrange(3)):
        target.say(command[-1])
        target.run(*command)
        target.check_claims()
    target.settle()
    if target.users_files() != users_files:
        raise BrokenError(LOST, "a file of the user's has changed")


KINDS = {"kills": kill, "edits": edit}


def attack(kind: str, count: int, seed: int, folder: Path) -> Tally:
    tally = Tally(kind)
    target = Target(folder, random.Random(seed))
    for number in range(count):
        target.random = random.Random(f"{seed} {number}")
        tally.add(*judged(target, KINDS[kind], f"seed {seed}"))
    tally.add(*judged(target, Target.settle, f"seed {seed} in the end"))
    return tally


def judged(target: Target, step: Callable[[Target], None], name: str) -> tuple[str, str]:
    """The verdict on a step, and its line; after a failure the project is renewed."""
    target.steps.clear()
    verdict, why = FINE, ""
    try:
        step(target)
    except AssertionError as error:
        verdict, why = getattr(error, "verdict", TRACEBACK), f" ({error})"
    except subprocess.TimeoutExpired as error:
        verdict, why = LOST, f" ({error})"
    if verdict != FINE:
        target.wait_for_orphans()
        target.renew()
    return verdict, f"{name}: {'; '.join(target.steps)}{why}"
