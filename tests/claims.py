"""Whether what an engine calls up to date equals a clean build of the inputs as they are now."""

import hashlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import CLEAN, ROOT, Project

REPORT = "results/report.pdf"
MADE = ("data/interim", "data/processed", "results")


class Claims:
    """The claims of both engines on one project; clean builds are kept by their inputs."""

    def __init__(self, project: Project):
        self.project = project
        self._builds: dict[str, dict[str, str]] = {}

    def check(self) -> None:
        """Whatever an engine calls up to date equals the clean build."""
        if self.snakemake_is_done():
            self.compare([REPORT])
        if self.dvc_is_done():
            self.compare(self.clean_build())

    def snakemake_is_done(self) -> bool:
        result = self.project.run("snakemake", "-n", REPORT, check=False)
        return "Nothing to be done" in output(result)

    def dvc_is_done(self) -> bool:
        return self.project.run("dvc", "status", check=False).stdout.strip() == CLEAN

    def compare(self, names) -> None:
        expected = self.clean_build()
        wrong = [n for n in names if content_digest(self.project.folder / n) != expected[n]]
        assert not wrong, f"differ from a clean build: {wrong}"

    def existing(self) -> list[str]:
        """What a clean build makes and the project has."""
        return [name for name in self.clean_build() if (self.project.folder / name).is_file()]

    def clean_build(self) -> dict[str, str]:
        """Digests of all that a build from nothing makes of the inputs as they are now."""
        folder = self.project.folder
        inputs = inputs_of(folder)
        stamp = hashlib.sha256()
        for name in inputs:
            stamp.update(name.encode() + (folder / name).read_bytes())
        key = stamp.hexdigest()
        if key not in self._builds:
            self._builds[key] = build(folder, inputs)
        return self._builds[key]


def inputs_of(folder: Path) -> list[str]:
    """What the user writes, of a project that reads files under data/raw."""
    found = [
        path.relative_to(folder).as_posix()
        for top in ("data/raw", "src", "workflow")
        for path in sorted((folder / top).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".dvc"
    ]
    return ["params.yaml", "requirements.txt", "dvc.yaml", *found]


def build(source: Path, inputs: list[str]) -> dict[str, str]:
    """Build from nothing but these files of a folder; digests of all that was made."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in inputs:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / file, folder / file)
        subprocess.run(
            [sys.executable, ROOT / "tests/graph/clean_build.py"], cwd=folder, check=True
        )
        return {
            path.relative_to(folder).as_posix(): content_digest(path)
            for top in MADE
            for path in sorted((folder / top).rglob("*"))
            if path.is_file()
        }


def content_digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def output(result: subprocess.CompletedProcess) -> str:
    return result.stdout + result.stderr


COMMANDS = ("snakemake", "dvc", "python", "make", "git", "rm")
FAULTS = (
    r"Traceback \(most recent call last\)",
    r"This is a fault of vaepipe's own",
    r"(?m)^(?!WorkflowError|CalledProcessError)\w+Error in file ",
    r"(?m)^ERROR: unexpected error - ",
)
"""How a program's own error looks: a script's, Snakemake's, DVC's."""


def fault(text: str) -> str | None:
    """The rest of an output from the first error on that no user caused; None if there is none."""
    found = [match.start() for match in (re.search(f, text) for f in FAULTS) if match]
    return text[min(found) :] if found else None


DVC_CUT_OFF = "Unable to read RWLock-file"
"""DVC's own message, which names no command, of a register that a killed DVC was writing."""


def advice(text: str) -> list[str]:
    """The commands that a message names, each as one would type it; of `make status` the next.

    Of a message of DVC's own it is what docs/failures.md names.
    """
    if DVC_CUT_OFF in text:
        return ["make status"]
    if told := re.findall(r"(?m)^Next: (.*)", text):
        return [command for command in told if command.split()[0] in COMMANDS]
    quoted = re.findall(rf"`((?:{'|'.join(COMMANDS)}) [^`…]+)`", text)
    bare = re.findall(r"(?:To catch up|what is left over): ((?:python|rm -r) .+)", text)
    return list(dict.fromkeys([*quoted, *(command.rstrip(".") for command in bare)]))


def follow(project: Project, text: str, depth: int = 3) -> str | None:
    """Type the commands of a message until one works, and first what that one says if it fails.

    Returns the command, or None if none works.
    """
    for command in advice(text):
        result = typed(project, command)
        assert not fault(output(result)), output(result)
        told = result.returncode or "Next: " in result.stdout
        if told and depth and follow(project, output(result), depth - 1):
            result = typed(project, command)
        if not result.returncode:
            return command
    return None


STATUS = ("python", "workflow/bridge/status.py")


def follow_status(project: Project) -> list[str]:
    """Type what `make status` names next until nothing is left to type; returns the commands.

    A command that fails must name what helps.
    """
    followed: list[str] = []
    while True:
        result = project.run(*STATUS, check=False)
        assert not fault(output(result)), output(result)
        commands = advice(output(result))
        if not commands:
            return followed
        assert len(followed) < 8, f"no end: {followed}"
        tried = typed(project, commands[0])
        assert not fault(output(tried)), output(tried)
        assert not tried.returncode or follow(project, output(tried)), output(tried)
        followed.append(commands[0])


MAKE = {"make report": f"snakemake --cores 2 {REPORT}"}


def typed(project: Project, command: str) -> subprocess.CompletedProcess:
    """Run a command of a message; make's as the Makefile does, which needs an environment here."""
    script = re.sub(r"^make (\w+)$", r"python workflow/bridge/\1.py", command)
    return project.run(*shlex.split(MAKE.get(command, script)), check=False)
