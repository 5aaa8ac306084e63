"""How nodes grow with the data: `python benchmarks/growth.py [TIMES ...]`.

For each number, a copy of this project draws so many times the letters of the built-in sample and
carries one variant of the full size, of one seed and two epochs, from the sample to its figures.
Printed are the seconds and the peak memory of each rule's node, by Snakemake's benchmark files, and
the exponent of either: the slope of its logarithm over that of the data between the last two
numbers, where what is paid once weighs least; 1 is linear. Memory is sampled, after half a minute
seldom.
"""

import csv
import math
import sys
import tempfile
from pathlib import Path

from tqdm import tqdm

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from conftest import Project

TIMES = (1, 2, 4, 8)
PER_CLASS = {"train": 300, "test": 40}
RULES = {
    "sample": "data/sample/letters",
    "ingest": "data/interim/letters",
    "prepare": "data/processed/letters",
    "judge": "results/judges/letters",
    "train": "results/letters/models/vae_20",
    "evaluate": "results/letters/evaluations/vae_20",
    "analyse": "results/letters/analyses/vae_20",
    "figures": "results/letters/figures/vae_20",
}
"""Where what a rule makes lies: its benchmark file lies likewise."""
SHORT = {
    "studies.letters.training.seeds": [0],
    "studies.letters.training.epochs": 2,
    "variants.vae_20_anneal.training.warmup_epochs": 1,
    "variants.vae_20_warmup.training.warmup_epochs": 1,
    "judges.letters.epochs": 2,
}
TARGETS = (f"{RULES['figures']}/sheet.svg", f"{RULES['evaluate']}/seeds.json")


def measure(times: int) -> dict[str, tuple[float, float]]:
    """Seconds and megabytes of each rule's node with so many times the data."""
    with tempfile.TemporaryDirectory() as folder:
        project = Project.of_full_size(Path(folder))
        counts = {f"{split}_per_class": times * count for split, count in PER_CLASS.items()}
        project.edit(SHORT | {f"samples.emnist.letters.{key}": of for key, of in counts.items()})
        project.run("snakemake", "--cores", "1", *TARGETS)
        return {rule: _measured(project.folder, place) for rule, place in RULES.items()}


def _measured(folder: Path, place: str) -> tuple[float, float]:
    with (folder / f"logs/benchmarks/{place}.tsv").open() as file:
        *_, row = csv.DictReader(file, delimiter="\t")
    return float(row["s"]), float(row["max_rss"]) * 2**20 / 1e6


def main(sizes: list[int]) -> None:
    found = [measure(times) for times in tqdm(sizes, "times the data", leave=False)]
    slope = math.log(sizes[-1] / sizes[-2])
    for part, name in enumerate(("seconds", "MB")):
        print(f"| {name} | {' | '.join(map(str, sizes))} | exponent |")
        print(f"| --- |{' --- |' * (len(sizes) + 1)}")
        for rule in RULES:
            row = [of[rule][part] for of in found]
            exponent = math.log(row[-1] / row[-2]) / slope
            print(f"| {rule} | {' | '.join(f'{v:.1f}' for v in row)} | {exponent:.2f} |")
        print()


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(TIMES))
