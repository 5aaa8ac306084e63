"""What all trainings of a study take beside Lightning's: `python benchmarks/study.py`.

Ours are those of `letters`, every variant and seed, through Snakemake on all cores, its start and
the objective on the test split included. Lightning trains the same networks one after another with
its own default of threads; of each variant the median of three epochs counts, times its epochs and
seeds. See training.py, which installs it.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from training import NAMES, ROOT, install, peer, prepared

del os.environ["OMP_NUM_THREADS"]  # of training.py, where all have one thread

sys.path.insert(0, str(ROOT / "tests"))

from conftest import Project

from vaepipe.params import dump, load_params

STUDY = "letters"
EPOCHS = 3


def ours(variants: list[str]) -> float:
    """Seconds of all trainings, in a copy of this project whose data are there."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project.of_full_size(Path(folder))
        project.edit({f"studies.{STUDY}.training.device": "cpu"})

        def make(*files: str) -> None:
            command = ("snakemake", "--cores", "all", *files, "--quiet", "all")
            subprocess.run(command, cwd=folder, check=True, stdout=sys.stderr)

        make(f"data/processed/{STUDY}/train.parquet")
        began = time.perf_counter()
        make(*(f"results/{STUDY}/models/{variant}/config.json" for variant in variants))
        return time.perf_counter() - began


def one_after_another(name: str, variants: list[str]) -> float:
    """Seconds of all trainings of a peer."""
    total = 0.0
    for config in prepared(variants).values():
        with peer(name, config) as epoch:
            epoch()  # to get warm
            took = statistics.median(epoch() for _ in range(EPOCHS))
        total += took * config["training"]["epochs"] * len(config["training"]["seeds"])
    return total


def main() -> None:
    install()
    variants = dump(load_params())["studies"][STUDY]["variants"]
    lightning, *_ = NAMES
    peers, own = one_after_another(lightning, variants), ours(variants)
    print("| seconds, ours | Lightning 2.6 | multiple |\n| --- | --- | --- |")
    print(f"| {own:.0f} | {peers:.0f} | {peers / own:.2f} |")


if __name__ == "__main__":
    main()
