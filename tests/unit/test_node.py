"""A node as its script sees it: outputs in place or not at all, and a true record of them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from vaepipe.core.inputs import md5

SCRIPT = """
import sys
from pathlib import Path
sys.path.insert(0, "src")
from functools import partial
from vaepipe.core.command import run
from vaepipe.core.inputs import reading
from vaepipe.node import node
from vaepipe.params import read

def main(dataset: str, source: Path, folder: Path) -> None:
    outputs = [folder / "train.parquet", folder / "test.parquet"]
    with node(partial(read, "datasets.letters"), *outputs) as (settings, files):
        with reading(source):
            text = source.read_text()
        for file in files:
            file.write_text(f"{text} {settings['level']}")
        EVENT

run(main)
"""
PLACE = "data/processed/letters"
PLAN = ".cache/nodes/data/processed/letters.json"
RECORD = ".cache/provenance/data/processed/letters.json"
PREPARE = "workflow/scripts/prepare.py"


@pytest.fixture
def project(tmp_path):
    for name in ("src", "workflow/bridge"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "source.csv").write_text("source")
    return tmp_path


def start(project: Path, event: str = "", **environment: str) -> subprocess.CompletedProcess:
    """Run the script, in which something happens while it works."""
    script = project / PREPARE
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT.replace("EVENT", event))
    return subprocess.run(
        [sys.executable, PREPARE, "letters", "source.csv", PLACE],
        cwd=project,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def plan(project: Path, level: float, **files: str) -> dict:
    """Write a plan of that level, with all code as it is but for these files."""
    script = project / PREPARE
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT.replace("EVENT", ""))
    code = [script, *(project / "src").rglob("*.py")]
    digests = {path.relative_to(project).as_posix(): md5(path) for path in code}
    content = {
        "params": {"datasets.letters": {"level": level}},
        "files": digests | files,
        "doubt": None,
    }
    (project / PLAN).parent.mkdir(parents=True)
    (project / PLAN).write_text(json.dumps(content))
    return content


def made(project: Path) -> list[str]:
    return sorted(path.name for path in (project / PLACE).iterdir())


EDIT = """
        params = Path("params.yaml")
        params.write_text(params.read_text().replace("level: 0.2", "level: 0.3"))"""
REPLACE = 'Path("source.csv").write_text("another")'
RETOUCH = 'Path("src/vaepipe/node.py").write_text("edited")'


def test_by_hand_the_outputs_are_made_of_params_yaml(project):
    assert start(project).returncode == 0
    assert made(project) == ["test.parquet", "train.parquet"]
    assert (project / PLACE / "test.parquet").read_text() == "source 0.2"


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (EDIT, "params.yaml was edited while this ran"),
        (REPLACE, "source.csv was edited during this run"),
        (RETOUCH, "src/vaepipe/node.py was edited during this run"),
    ],
)
@pytest.mark.parametrize("environment", [{}, {"DVC_STAGE": "prepare@letters"}])
def test_what_is_edited_meanwhile_leaves_no_output(project, event, message, environment):
    result = start(project, event, **environment)
    assert result.returncode == 1
    assert message in result.stderr and "Traceback" not in result.stderr
    assert made(project) == []
    assert not (project / RECORD).exists()


def test_a_plan_is_followed_whatever_is_edited_meanwhile(project):
    planned = plan(project, 0.7)
    (project / "params.yaml").write_text("no longer readable: [")
    result = start(project, VAEPIPE_PLANNED="1")
    assert result.returncode == 0, result.stderr
    assert (project / PLACE / "test.parquet").read_text() == "source 0.7"
    outputs = {f"{PLACE}/{name}": md5(project / PLACE / name) for name in made(project)}
    inputs = {"source.csv": md5(project / "source.csv")}
    record = json.loads((project / RECORD).read_text())
    assert record == {**planned, "inputs": inputs, "outputs": outputs}


@pytest.mark.parametrize(
    "name",
    ["src/vaepipe/node.py", "src/vaepipe/core/inputs.py", "source.csv"],
)
def test_what_is_not_as_planned_leaves_no_output(project, name):
    plan(project, 0.7, **{name: "0" * 32})
    result = start(project, VAEPIPE_PLANNED="1")
    assert f"{name} was edited during this run" in result.stderr
    assert not (project / PLACE).exists() or made(project) == []


def test_without_a_plan_a_job_is_refused(project):
    result = start(project, VAEPIPE_PLANNED="1")
    assert f"{PLAN}: the plan of this node is missing" in result.stderr


def test_a_node_that_another_process_makes_is_left_alone(project):
    waiting = "(print('working', flush=True), sys.stdin.read())"
    script = project / PREPARE
    script.parent.mkdir(exist_ok=True)
    script.write_text(SCRIPT.replace("EVENT", waiting))
    command = [sys.executable, PREPARE, "letters", "source.csv", PLACE]
    with subprocess.Popen(
        command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout.readline()
        second = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert f"process {first.pid}" in second.stderr
        first.stdin.close()
    assert first.returncode == 0
    assert made(project) == ["test.parquet", "train.parquet"]


def test_what_a_killed_process_has_left_is_removed(project):
    (project / PLACE).mkdir(parents=True)
    (project / PLACE / ".test.parquet.4711.tmp").write_text("hundreds of megabytes")
    (project / PLACE / "mine.tmp").write_text("of the user's")
    assert start(project).returncode == 0
    assert made(project) == ["mine.tmp", "test.parquet", "train.parquet"]


def test_a_failure_keeps_the_former_output(project):
    assert start(project).returncode == 0
    before = (project / PLACE / "test.parquet").read_bytes()
    result = start(project, "raise OSError(28, 'No space left on device')")
    assert result.returncode == 1 and "no space left" in result.stderr
    assert (project / PLACE / "test.parquet").read_bytes() == before


@pytest.mark.parametrize("register", [None, "", "{}", '{"write": {}}'])
def test_of_a_run_of_dvc_that_has_given_up_nobody_is_witness(project, register):
    if register is not None:
        (project / ".dvc/tmp").mkdir(parents=True)
        (project / ".dvc/tmp/rwlock").write_text(register)
    result = start(project, DVC_STAGE="prepare@letters")
    assert result.returncode == 0, result.stderr
    assert made(project) == ["test.parquet", "train.parquet"]
