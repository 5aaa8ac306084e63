"""Draw the figures of one variant of the study `letters`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "src"))

from vaepipe import letters
from vaepipe.command import run
from vaepipe.config import LettersStudy, confirm, dump, load_params
from vaepipe.files import read_arrays, replacing


def main(variant: str, model_folder: Path, evaluation_folder: Path, folder: Path) -> None:
    def read() -> LettersStudy:
        return load_params().studies.letters

    study = read()
    look = dump(study.figures)
    arrays = read_arrays(evaluation_folder / "arrays.safetensors")
    history = letters.read_history(model_folder / "history.csv")
    names = ("learning_curve", "reconstructions", "traversal", "prior_samples", "sheet")
    with replacing(*(folder / f"{name}.svg" for name in names)) as paths:
        files = dict(zip(names, paths, strict=True))
        letters.learning_curve(files["learning_curve"], history, look)
        letters.reconstructions(
            files["reconstructions"],
            study.evaluation.characters,
            {variant: arrays},
            look,
        )
        letters.traversal(files["traversal"], arrays, study.evaluation.traversal_span, look)
        letters.sheet(files["prior_samples"], letters.square(arrays["prior_samples"]), look, 0.32)
        letters.sheet(files["sheet"], letters.square(arrays["sheet_reconstructed"]), look)
        confirm(read, study)


run(main)
