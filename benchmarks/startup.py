"""What an engine takes when nothing is to be done: `python benchmarks/startup.py`, after a build.

In each round, one after another: the engine in a folder with a pipeline of one step that is done,
which is what it takes to start, and in this project. Printed are medians of the seconds and of what
the project takes as a multiple of the bare engine.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9
COMMANDS = {"snakemake -n": ("snakemake", "-n"), "dvc status": ("dvc", "status")}
SNAKEFILE = """
rule done:
    output: "done"
    shell: "touch done"
"""
DVC_YAML = """
stages:
  done:
    cmd: touch done
    outs: [done]
"""
BEGIN = (
    ("git", "init", "-q"),
    ("dvc", "init", "-q"),
    ("dvc", "repro", "-q"),
    ("snakemake", "--cores", "1", "--quiet", "all", "--forceall"),
)


def run(folder: Path, command: tuple[str, ...]) -> float:
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> None:
    for command in COMMANDS.values():
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
        if "Nothing to be done" not in told and "up to date" not in told:
            sys.exit(f"error: {' '.join(command)} finds something to do: type `make report` first.")
    print("| command | bare | here | multiple |\n| --- | --- | --- | --- |")
    with tempfile.TemporaryDirectory() as name:
        bare = Path(name)
        (bare / "Snakefile").write_text(SNAKEFILE)
        (bare / "dvc.yaml").write_text(DVC_YAML)
        for command in BEGIN:
            run(bare, command)
        for title, command in COMMANDS.items():
            rounds = [(run(bare, command), run(ROOT, command)) for _ in range(ROUNDS)]
            empty, full = (statistics.median(of) for of in zip(*rounds, strict=True))
            ratio = statistics.median(b / a for a, b in rounds)
            print(f"| `{title}` | {empty:.2f} | {full:.2f} | {ratio:.2f} |", flush=True)


if __name__ == "__main__":
    main()
