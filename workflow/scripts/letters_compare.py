"""Compare all variants of the study `letters`: shared figures, one table."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe import letters
from vaepipe.command import run
from vaepipe.comparison import check_folders, table
from vaepipe.config import LettersStudy, confirm, dump, load_params
from vaepipe.files import read_arrays, read_json, replacing, write_json


def main(models: Path, evaluations: Path, folder: Path) -> None:
    def read() -> LettersStudy:
        return load_params().studies.letters

    study = read()
    look = dump(study.figures)
    check_folders([models, evaluations, models.with_name("figures")], study.variants)
    histories = {n: letters.read_history(models / n / "history.csv") for n in study.variants}
    arrays = {n: read_arrays(evaluations / n / "arrays.safetensors") for n in study.variants}
    summaries = {n: read_json(evaluations / n / "seeds.json") for n in study.variants}
    configs = {n: read_json(models / n / "config.json") for n in study.variants}
    names = (
        "learning_curves.svg",
        "reconstructions.svg",
        "kl_per_latent.svg",
        "comparison.json",
    )
    with replacing(*(folder / name for name in names)) as (
        curves,
        reconstructions,
        kl,
        result,
    ):
        letters.all_learning_curves(curves, histories, look)
        letters.reconstructions(reconstructions, study.evaluation.characters, arrays, look)
        letters.kl_per_latent(kl, {n: a["kl_per_latent"] for n, a in arrays.items()}, look)
        write_json(result, table(configs, summaries, study.comparison.baseline))
        confirm(read, study)


run(main)
