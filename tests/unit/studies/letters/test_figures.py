"""The figures of the study, drawn from files as its nodes leave them."""

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from vaepipe.core.files import read_json, write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.figures.curves import read_history
from vaepipe.studies.letters.figures import (
    DESCRIPTION,
    OF_A_VARIANT,
    describe_data,
    draw_comparison,
    draw_variant,
)

LOOK = {"colormap": "gray_r", "width": 16.0}
VARIANTS = ("a", "b")


@pytest.fixture(params=[(28, 28), (10, 14)], ids=str)
def shape(request):
    return request.param


@pytest.fixture
def results(tmp_path, shape):
    """Folders of models and of analyses of two variants, and one of data."""
    generator = np.random.default_rng(0)
    pixels = shape[0] * shape[1]

    def images(*count):
        return generator.integers(0, 256, (*count, pixels), dtype=np.uint8)

    for name in VARIANTS:
        model, analysis = tmp_path / "models" / name, tmp_path / "analyses" / name
        model.mkdir(parents=True)
        analysis.mkdir(parents=True)
        rows = [
            f"{seed},{epoch},{split},1,1,0,0,{seed + epoch + generator.random()}"
            for seed in (0, 7)
            for epoch in (1, 2, 3)
            for split in ("train", "test")
        ]
        header = "seed,epoch,split,total,reconstruction,kl,l2,total_per_pixel"
        (model / "history.csv").write_text("\n".join([header, *rows]) + "\n")
        arrays = {
            "characters_clean": images(3),
            "characters_noisy": images(3),
            "characters_reconstructed": images(3),
            "sheet_noisy": images(9),
            "sheet_reconstructed": images(9),
            "prior_samples": images(5),
            "nearest": images(2),
            "nearest_distances": generator.random(2, np.float32),
            "codes": generator.random((6, 2), np.float32),
            "labels": np.arange(6) % 3,
            "traversal": images(4, 5),
            "kl_per_latent": generator.random((2, 4)),
        }
        save_file(arrays, analysis / "arrays.safetensors")
        facts = {
            "shape": list(shape),
            "characters": "CAB",
            "classes": ["A", "B", "C"],
            "traversal": {"latents": [2, 0, 1, 3], "span": 2.0},
            "architecture": [
                layer("encoder", pixels, 8),
                layer("decoder", 4, pixels),
            ],
        }
        write_json(analysis / "analysis.json", facts)
    data = tmp_path / "data"
    data.mkdir()
    kind = Kind(shape, ("A", "B", "C"), "x.csv")
    for name, count in (("train", 6), ("test", 4)):
        clean = generator.random((count, pixels), np.float32)
        with writing(data / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 3, clean, 1 - clean)
    return tmp_path


def layer(part, before, after):
    parameters = after * (before + 1)
    shapes = {"input": [before], "output": [after]}
    return {"part": part, "kind": "Linear", "settings": None, **shapes, "parameters": parameters}


def draw_all(results, folder):
    """Every figure of the study, by its name."""
    look, models, analyses = LOOK, results / "models", results / "analyses"
    (results / folder).mkdir()

    def files(*names):
        return [results / folder / name for name in names]

    describe_data(look, results / "data", *files(*DESCRIPTION))
    draw_variant(look, "a", models / "a", analyses / "a", *files(*OF_A_VARIANT))
    compared = files("all_curves.svg", "all_reconstructions.svg", "all_kl.svg", "all_rates.svg")
    rows = [
        ("letters", name, seed, measure, len(name) + seed + level)
        for name in VARIANTS
        for seed in (0, 7)
        for measure, level in (("kl", 9.0), ("reconstruction", 200.0))
    ]
    columns = ["study", "variant", "seed", "measure", "value"]
    histories = {name: read_history(models / name / "history.csv") for name in VARIANTS}
    measured = pd.DataFrame(rows, columns=columns)
    draw_comparison(look, histories, analyses, measured, *compared)
    return {path.name: path.read_bytes() for path in (results / folder).glob("*.svg")}


def test_all_figures_are_svg_and_the_same_byte_for_byte(results):
    first = draw_all(results, "first")
    assert len(first) == 1 + 8 + 4
    assert all(b"<svg" in content for content in first.values())
    assert len(set(first.values())) == len(first)
    assert first == draw_all(results, "second")


def test_a_description_counts_the_images_of_a_data_set(results, shape):
    draw_all(results, "first")
    description = read_json(results / "first/description.json")
    assert description["train"] == {"source": "x.csv", "images": 6}
    assert description["shape"] == list(shape)


def test_the_comparison_shows_every_variant(results):
    first = draw_all(results, "first")
    arrays = results / "analyses/b/arrays.safetensors"
    arrays.write_bytes((results / "analyses/a/arrays.safetensors").read_bytes())
    second = draw_all(results, "second")
    changed = {name for name in first if first[name] != second[name]}
    assert changed == {"all_reconstructions.svg", "all_kl.svg"}
