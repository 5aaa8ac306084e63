"""The figures of the study, drawn from files as its nodes leave them."""

import json

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, Kind, writing
from vaepipe.figures import curves, pictures
from vaepipe.studies.cartoons.figures import MEASURED, OF_A_VARIANT, draw_variant, read_analysis

LOOK = {"colormap": "gray", "width": 16.0, "moving_average": 3}
SHAPE = (6, 8, 3)
PIXELS = 144


def layer(part: str, before: int, after: int) -> dict:
    parameters = after * (before + 1)
    shapes = {"input": [before], "output": [after]}
    return {"part": part, "kind": "Linear", "settings": None, **shapes, "parameters": parameters}


def images(*count) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (*count, PIXELS), dtype=np.uint8)


@pytest.fixture
def root(tmp_path):
    generator = np.random.default_rng(0)
    way = (2, len(MEASURED), 3)
    arrays = {
        "prior_samples": images(2, 4),
        "ends": images(2, 2),
        "linear": images(2, 3),
        "spherical": 255 - images(2, 3),
        **{f"{name}_way": generator.random(way) for name in ("linear", "spherical", "blend")},
        "between": generator.random((2, 3)),
        "norms": generator.random((2, 2)),
        "sharpness": generator.random((2, 2)),
        "estimates": generator.random((3, 7)),
    }
    facts = {
        "shape": list(SHAPE),
        "latent": 2,
        "deviations": [0.8, 1.0],
        "draws": [1, 2, 4],
        "pairs": 5,
        "data_sharpness": 0.1,
        "data_nearest": 0.2,
        "reconstruction": 0.5,
        "architecture": [layer("encoder", PIXELS, 4), layer("decoder", 2, PIXELS)],
    }
    for folder in ("analysis", "model", "data", "figures"):
        (tmp_path / folder).mkdir()
    write_arrays(tmp_path / "analysis/arrays.safetensors", arrays)
    write_json(tmp_path / "analysis/analysis.json", facts)
    write_json(tmp_path / "model/config.json", {"training": {"seeds": [3, 5]}})
    write_arrays(tmp_path / "model/snapshots.safetensors", {"seed-3": images(4, 2)})
    rows = [
        f"{seed},{epoch},{2 * epoch - 2 + step},{seed + step},1\n"
        for seed in (3, 5)
        for epoch in (1, 2, 3)
        for step in (1, 2)
    ]
    (tmp_path / "model/batches.csv").write_text("seed,epoch,step,total,kl\n" + "".join(rows))
    kind = Kind(SHAPE, ("brown",), "x")
    pixels = images(3) / np.float32(255)
    with writing(tmp_path / "data" / FILES[1], kind, ["clean", "noisy"], np.float32) as writer:
        writer.write(np.zeros(3, int), pixels, pixels)
    return tmp_path


def draw(root):
    files = [root / "figures" / name for name in OF_A_VARIANT]
    draw_variant(LOOK, root / "model", root / "data", root / "analysis", *files)
    return files


def test_all_figures_are_drawn_and_the_same_again(root):
    first = [file.read_bytes() for file in draw(root)]
    assert all(content.startswith(b"<?xml") for content in first)
    assert [file.read_bytes() for file in draw(root)] == first


def test_each_pair_has_two_rows_between_its_test_images(root, monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "labelled_grid", lambda *given: drawn.append(given))
    draw(root)
    _, columns, rows, shape, _ = drawn[-1]
    assert columns == ["image", "0", "0.5", "1", "image"] and shape == list(SHAPE)
    assert list(rows) == ["1, linear", "1, spherical", "2, linear", "2, spherical"]
    arrays, _ = read_analysis(root / "analysis")
    assert np.array_equal(rows["2, spherical"][1:-1], arrays["spherical"][1])
    assert np.array_equal(rows["2, linear"][[0, -1]], arrays["ends"][1])


def test_losses_are_averaged_as_params_say(root, monkeypatch):
    drawn = []
    monkeypatch.setattr(curves, "batch_losses", lambda *given: drawn.append(given))
    draw(root)
    ((_, ends, totals, window, _),) = drawn
    assert ends.tolist() == [2, 4, 6] and window == 3
    assert totals.tolist() == [[4, 5, 4, 5, 4, 5], [6, 7, 6, 7, 6, 7]]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("latent", 3),
        ("shape", [6, 8]),
        ("deviations", [0.8]),
        ("draws", [1, 2]),
    ],
)
def test_facts_that_do_not_fit_the_arrays_are_refused(root, key, value):
    path = root / "analysis/analysis.json"
    write_json(path, json.loads(path.read_text()) | {key: value})
    with pytest.raises(InputError, match=r"analysis\.json does not fit arrays"):
        read_analysis(root / "analysis")
