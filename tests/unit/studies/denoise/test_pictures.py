"""Figures of the denoising, drawn from files as `denoise_all` leaves them."""

import copy
import json

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.figures import levels, minimisation, pictures
from vaepipe.measures.seeds import spread
from vaepipe.studies.denoise.pictures import INPUTS, OUTPUTS, draw_denoising, read_denoising

LOOK = {"colormap": "gray", "width": 16.0}
LEVELS = [0.1, 0.3]
SEARCH = {
    "steps": [0, 1, 4],
    "mean": [9.0, 5.0, 2.0],
    "low": [8.0, 4.0, 1.0],
    "high": [12.0, 7.0, 3.0],
    "kept": [0.75, 0.25],
}
WAYS = {
    "noisy": "trivial",
    "mean_image": "trivial",
    "median": "filter",
    "pca": "filter",
    "ae_2": "reconstruct",
    "map_gvae_8": "map",
    "clean": "clean",
}


def scores(seeds, base):
    names = ("mse", "psnr", "ssim", "legibility")
    return {name: spread([base + i + seed / 8 for seed in seeds]) for i, name in enumerate(names)}


def method(name, way, number):
    model = way in ("reconstruct", "map")
    seeds = [0, 7] if model else [0]
    return {
        "name": name,
        "way": way,
        "variant": name.removeprefix("map_") if model else None,
        "seeds": seeds if model else None,
        "passes": 1,
        "measures": scores(seeds, number),
        "named": [spread([0.5 for _ in seeds])] * 2,
        "sweep": [scores(seeds, 10 * number + index) for index in range(len(LEVELS))],
        "search": SEARCH if way == "map" else None,
    }


FACTS = {
    "shape": [2, 3],
    "classes": ["4", "9"],
    "noise": "gaussian",
    "level": 0.3,
    "images": 5,
    "of_classes": [3, 2],
    "pictures": ["4", "9", "4"],
    "levels": LEVELS,
    "sweep_images": 4,
    "judge": 0.9,
    "methods": [method(name, way, i) for i, (name, way) in enumerate(WAYS.items())],
}
ARRAYS = {
    "pictures": np.arange(len(WAYS) * 18, dtype=np.uint8).reshape(-1, 3, 6),
    "squared_errors": np.ones((len(WAYS), 5), np.float32),
}


def write(folder, facts=FACTS, arrays=ARRAYS):
    folder.mkdir(exist_ok=True)
    write_json(folder / INPUTS[0], facts)
    write_arrays(folder / INPUTS[1], arrays)


def draw(folder, into):
    into.mkdir()
    draw_denoising(LOOK, folder, *(into / name for name in OUTPUTS))
    return {name: (into / name).read_bytes() for name in OUTPUTS}


# Matplotlib draws text as outlines, and writes what it says beside them.
LABELS = {
    "denoised.svg": ["noisy images", "median filter", "PCA", "ae_2", "MAP, gvae_8", "4", "9"],
    "levels.svg": ["PSNR, dB", "legibility", "level of noise", "mean training image", "ae_2"],
    "map_curve.svg": ["objective, squared pixels", "step", "MAP, gvae_8"],
}


def test_figures_hold_their_labels_and_are_the_same_byte_for_byte(tmp_path):
    write(tmp_path / "in")
    drawn = draw(tmp_path / "in", tmp_path / "first")
    for name, labels in LABELS.items():
        for label in labels:
            assert f"<!-- {label} -->".encode() in drawn[name], (name, label)
    assert drawn == draw(tmp_path / "in", tmp_path / "second")


def test_each_figure_shows_its_part_of_the_files(tmp_path, monkeypatch):
    given = {}
    for module, name in (
        (pictures, "labelled_grid"),
        (levels, "by_level"),
        (minimisation, "falls"),
    ):
        monkeypatch.setattr(module, name, lambda path, *of, name=name: given.update({name: of}))
    write(tmp_path / "in")
    draw_denoising(LOOK, tmp_path / "in", *OUTPUTS)
    columns, rows, shape, _ = given["labelled_grid"]
    assert columns == ["4", "9", "4"] and shape == [2, 3]
    words = ["noisy images", "median filter", "PCA", "ae_2", "MAP, gvae_8", "clean images"]
    assert list(rows) == words
    for index, row in zip((0, 2, 3, 4, 5, 6), rows.values(), strict=True):
        assert (row == ARRAYS["pictures"][index]).all()
    found, panels, trivial, own, _ = given["by_level"]
    assert found == LEVELS and own == 0.3
    assert trivial == ["noisy images", "mean training image", "clean images"]
    psnr, legibility = panels["PSNR, dB"], panels["legibility"]
    assert psnr["ae_2"].tolist() == [[41, 42], [41.875, 42.875]]
    assert legibility["ae_2"].tolist() == [[43, 44], [43.875, 44.875]]
    assert "clean images" not in psnr and legibility["clean images"].tolist() == [[63, 64]]
    curves, unit, _ = given["falls"]
    assert list(curves) == ["MAP, gvae_8"] and unit == "squared pixels"
    drawn = [values.tolist() for values in curves["MAP, gvae_8"]]
    assert drawn == [SEARCH[key] for key in ("steps", "mean", "low", "high")]


def changed(path, value):
    facts = copy.deepcopy(FACTS)
    *keys, last = path
    part = facts
    for key in keys:
        part = part[key]
    part[last] = value
    return facts


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["shape"], [3, 3]),
        (["shape"], [6]),
        (["images"], 4),
        (["pictures"], ["4", "9"]),
        (["pictures", 0], "<b>"),
        (["levels"], [0.1]),
        (["classes"], ["4", "9", "8"]),
        (["of_classes"], [5]),
        (["judge"], 2.0),
        (["methods"], FACTS["methods"][:-1]),
        (["methods", 1, "name"], "average"),
        (["methods", 3, "name"], "median"),
        (["methods", 4, "variant"], 3),
        (["methods", 4, "seeds"], [0]),
        (["methods", 4, "named"], []),
        (["methods", 4, "measures", "psnr", "values"], [1.0]),
        (["methods", 4, "measures", "psnr"], None),
        (["methods", 4, "sweep", 1, "legibility", "values"], []),
        (["methods", 4, "sweep"], []),
        (["methods", 5, "search"], None),
        (["methods", 5, "search", "mean"], [1.0]),
        (["methods", 5, "search", "high", 0], "x"),
        (["methods", 5, "variant"], None),
    ],
)
def test_a_damaged_table_is_refused(tmp_path, path, value):
    write(tmp_path, changed(path, value))
    with pytest.raises(InputError, match=str(tmp_path)):
        read_denoising(tmp_path)


@pytest.mark.parametrize(
    "arrays",
    [
        {"pictures": ARRAYS["pictures"]},
        {"pictures": ARRAYS["pictures"][0]},
        {"pictures": ARRAYS["pictures"][:5]},
        {"pictures": ARRAYS["pictures"][:5], "squared_errors": ARRAYS["squared_errors"][:5]},
        {"squared_errors": ARRAYS["squared_errors"][:, :4]},
        {"squared_errors": np.full((7, 5), np.nan, np.float32)},
    ],
)
def test_damaged_arrays_are_refused(tmp_path, arrays):
    alone = list(arrays) == ["pictures"] and arrays["pictures"] is ARRAYS["pictures"]
    write(tmp_path, arrays=arrays if alone else ARRAYS | arrays)
    with pytest.raises(InputError, match=str(tmp_path)):
        read_denoising(tmp_path)


def test_a_file_that_is_missing_or_cut_off_is_refused(tmp_path):
    write(tmp_path)
    content = json.dumps(FACTS)
    (tmp_path / INPUTS[0]).write_text(content[: len(content) // 2])
    with pytest.raises(InputError, match=INPUTS[0]):
        read_denoising(tmp_path)
    (tmp_path / INPUTS[1]).unlink()
    with pytest.raises(InputError, match=INPUTS[1]):
        read_denoising(tmp_path)
