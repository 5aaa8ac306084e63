"""How both engines grow with the number of variants: `python benchmarks/scale.py [N ...]`.

For each N, a copy of this project gets N variants and outputs of a few bytes that pass for built;
then each command is timed, three times where it is short. Nothing is trained: only the engines are
measured. The exponent is the slope of log seconds over log N between the last two N; 1 is linear.
"""

import math
import statistics
import sys
import tempfile
import time
from copy import deepcopy
from pathlib import Path

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from conftest import ROOT, Project

SIZES = (6, 50, 200)
SHORT = 10.0
"""Seconds below which a measurement is taken three times."""

MAKE_OUTPUTS = """
from pathlib import Path
from dvc.repo import Repo
with Repo() as repo:
    for stage in repo.index.stages:
        for out in stage.outs:
            path = Path(out.fs_path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"made {path.name}\\n")
"""

PROVE = """
import sys
from pathlib import Path
sys.path[:0] = ["src", "workflow"]
from dvc.repo import Repo
from bridge.agreement import place
from vaepipe.core import provenance
from vaepipe.core.inputs import md5
with Repo() as repo:
    for stage in repo.index.stages:
        paths = [Path(out.fs_path).relative_to(repo.root_dir) for out in stage.outs]
        outputs = {path.as_posix(): md5(path) for path in paths}
        plan = provenance.load(provenance.plan_file(place(stage)))
        record = plan | {"inputs": {}, "outputs": outputs}
        provenance.write(provenance.record_file(place(stage)), record)
"""

RECORD = """
import sys, time
sys.path[:0] = ["src", "workflow"]
from dvc.repo import Repo
from bridge.record import commit
with Repo() as repo:
    outputs = [out.fs_path for stage in repo.index.stages for out in stage.outs]
began = time.perf_counter()
commit(outputs)
print("spent", time.perf_counter() - began)
"""

NODE_FILES = """
import sys, time
sys.path[:0] = ["src", "workflow"]
from bridge import nodes
from snakemake.cli import main
update, spent = nodes.Nodes.update, []
def timed(*arguments):
    began = time.perf_counter()
    try:
        return update(*arguments)
    finally:
        spent.append(time.perf_counter() - began)
nodes.Nodes.update = timed
try:
    main(["--dry-run", "--quiet", "all"])
except SystemExit:
    print("spent", sum(spent))
"""

# Recording comes first: `dvc status` looks at what it wrote.
MEASURES = {
    "recording every node": ("python", "-c", RECORD),
    "snakemake -n, nothing to do": ("snakemake", "-n", "-q", "all"),
    "snakemake -n, all to do": ("snakemake", "-n", "-q", "-F", "all"),
    "node files within it": ("python", "-c", NODE_FILES),
    "parity: Snakemake's graph": (
        "python",
        f"{ROOT}/tests/graph/probe_snakemake.py",
        "results/report.pdf",
    ),
    "parity: DVC's graph": ("python", f"{ROOT}/tests/graph/probe_dvc.py"),
    "dvc status": ("dvc", "status"),
    "dvc repro, nothing to do": ("dvc", "repro"),
}


def build(folder: Path, variants: int) -> Project:
    """A copy of this project with so many variants and outputs that pass for built."""
    project = Project(folder)
    project.preloaded = False
    names = [f"vae_{number:03}" for number in range(variants)]
    project.edit_block("variants", lambda block: {n: deepcopy(block["vae_20"]) for n in names})
    project.edit({"studies.letters.variants": names})
    project.edit({"studies.letters.comparison.baseline": names[0]})
    for part in ("traversals", "samples", "sheets"):
        project.edit({f"report.letters.{part}": names[:1]})
    project.run("python", "-c", MAKE_OUTPUTS)
    touch = ("--touch", "--forceall", "--no-hooks", "--cores", "1")
    project.run("snakemake", *touch, "--quiet", "all")
    project.run("python", "-c", PROVE)
    return project


def seconds(project: Project, *command: str) -> float:
    """How long a command takes, or what it prints after the word "spent"."""
    began = time.perf_counter()
    lines = project.run(*command).stdout.splitlines()
    took = time.perf_counter() - began
    spent = [line.split()[1] for line in lines if line.startswith("spent ")]
    return float(spent[0]) if spent else took


def measure(project: Project, *command: str) -> float:
    first = seconds(project, *command)
    if first > SHORT or RECORD in command:  # what is recorded is not recorded again
        return first
    return statistics.median([first, seconds(project, *command), seconds(project, *command)])


def main(sizes: list[int]) -> None:
    table: dict[str, list[float]] = {name: [] for name in MEASURES}
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            project = build(Path(folder), size)
            for name, command in tqdm(MEASURES.items(), f"{size} variants", leave=False):
                table[name].append(measure(project, *command))
    print(f"{'seconds at so many variants':30}", *(f"{size:8}" for size in sizes), "exponent")
    for name, row in table.items():
        exponent = math.log(row[-1] / row[-2]) / math.log(sizes[-1] / sizes[-2])
        print(f"{name:30}", *(f"{value:8.2f}" for value in row), f"{exponent:8.2f}")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(SIZES))
