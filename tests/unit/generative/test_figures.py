"""The figures of the study, drawn from files as its nodes leave them."""

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays, read_json, write_arrays, write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.figures import latents, pictures
from vaepipe.generative.figures import (
    DESCRIPTION,
    OF_A_VARIANT,
    describe_data,
    draw_epochs,
    draw_variant,
    read_analysis,
)

LOOK = {"colormap": "gray_r", "width": 16.0}
SHAPE = (8, 11)
PIXELS = 88
CLASSES = ("4", "7", "9")


def layer(part: str, before: int, after: int) -> dict:
    parameters = after * (before + 1)
    shapes = {"input": [before], "output": [after]}
    return {"part": part, "kind": "Linear", "settings": None, **shapes, "parameters": parameters}


def write_data(folder, shape=SHAPE, noisy=False):
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(3)
    for name, count in (("train", 6), ("test", 4)):
        clean = generator.random((count, shape[0] * shape[1]), np.float32)
        path, kind = folder / f"{name}.parquet", Kind(shape, CLASSES, "x.csv")
        with writing(path, kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 3, clean, 1 - clean if noisy else clean)


def write_snapshots(folder, epochs=3, images=4, pixels=PIXELS):
    rows = np.arange(epochs * images * pixels) % 251
    array = rows.astype(np.uint8).reshape(epochs, images, pixels)
    write_arrays(
        folder / "model/snapshots.safetensors", {"seed-7": array, "seed-0": array[:, ::-1].copy()}
    )
    return array


def write_analysis(folder, latent=2):
    folder.mkdir(exist_ok=True)
    generator = np.random.default_rng(0)

    def images(*count):
        return generator.integers(0, 256, (*count, PIXELS), dtype=np.uint8)

    arrays = {
        "kl_per_latent": generator.random((2, latent)),
        "prior_samples": images(5),
        "ring": images(3, 4),
        "grid": images(3, 3),
        "codes": generator.random((6, 2), np.float32),
        "labels": np.arange(6) % 3,
        "confusion": np.eye(3),
        "kl_estimates": generator.random((2, 9)),
        "pathwise": generator.random((2, 9)),
        "score": generator.random((2, 9)),
    }
    write_arrays(folder / "arrays.safetensors", arrays)
    facts = {
        "shape": list(SHAPE),
        "classes": list(CLASSES),
        "latents": [1, 0],
        "explained": 1.0,
        "draws": [1, 8],
        "kl": 3.0,
        "gradient": -2.0,
        "gradient_draws": 5,
        "architecture": [layer("encoder", PIXELS, 2 * latent), layer("decoder", latent, PIXELS)],
    }
    write_json(folder / "analysis.json", facts)


@pytest.fixture
def results(tmp_path):
    """Folders of data, a model of the seeds 7 and 0, and its analysis."""
    write_data(tmp_path / "data")
    (tmp_path / "model").mkdir()
    write_json(tmp_path / "model/config.json", {"training": {"seeds": [7, 0]}})
    write_snapshots(tmp_path)
    write_analysis(tmp_path / "analysis")
    return tmp_path


def draw_all(results, name):
    """Every figure of the study, by its name."""
    folder = results / name
    folder.mkdir()
    describe_data(LOOK, results / "data", *(folder / of for of in DESCRIPTION))
    inputs = (results / of for of in ("model", "data", "analysis"))
    draw_variant(LOOK, *inputs, *(folder / of for of in OF_A_VARIANT))
    return {path.name: path.read_bytes() for path in folder.glob("*.svg")}


def test_all_figures_are_svg_and_the_same_byte_for_byte(results):
    first = draw_all(results, "first")
    assert set(first) == {"examples.svg", *OF_A_VARIANT}
    assert all(b"<svg" in content for content in first.values())
    assert len(set(first.values())) == len(first)
    assert first == draw_all(results, "second")


# Matplotlib draws text as outlines, and writes what it says beside them.
LABELS = {
    "architecture.svg": ["Linear", "88"],
    "epochs.svg": ["test image", "epoch 1", "epoch 3", "7"],
    "latents.svg": ["$z_{1}$", "$z_{2}$"],
    "confusion.svg": ["100", "taken for", "class", "9"],
    "ring.svg": ["4 to 7", "7 to 9", "9 to 4"],
    "kl_estimate.svg": ["draws", "KL, nats", "closed form"],
    "gradient.svg": ["draws", "error of the derivative", "pathwise", "score"],
    "examples.svg": ["4", "7", "9"],
}


def test_figures_hold_their_labels(results):
    drawn = draw_all(results, "first")
    for name, labels in LABELS.items():
        for label in labels:
            assert f"<!-- {label} -->".encode() in drawn[name], (name, label)


@pytest.mark.parametrize(
    ("array", "changed"),
    [
        ("prior_samples", {"prior_samples.svg"}),
        ("ring", {"ring.svg"}),
        ("grid", {"grid.svg"}),
        ("codes", {"latents.svg"}),
        ("labels", {"latents.svg"}),
        ("confusion", {"confusion.svg"}),
        ("kl_estimates", {"kl_estimate.svg"}),
        ("pathwise", {"gradient.svg"}),
        ("score", {"gradient.svg"}),
        ("kl_per_latent", set()),
    ],
)
def test_each_array_is_drawn_in_its_figure(results, array, changed):
    first = draw_all(results, "first")
    path = results / "analysis/arrays.safetensors"
    arrays = read_arrays(path)
    arrays[array] = np.ascontiguousarray(arrays[array][::-1] / 2).astype(arrays[array].dtype)
    write_arrays(path, arrays)
    second = draw_all(results, "second")
    assert {name for name in first if first[name] != second[name]} == changed


@pytest.mark.parametrize(
    ("latent", "axes"),
    [(2, ["$z_{1}$", "$z_{2}$"]), (3, ["first component", "second component"])],
)
def test_the_axes_of_the_plane_are_the_latents_or_the_components(
    results, monkeypatch, latent, axes
):
    """Two latents stand in their own order, whichever has more KL: so are the codes."""
    write_analysis(results / "analysis", latent)
    shown = []
    monkeypatch.setattr(latents, "plane", lambda *arguments: shown.extend(arguments[4]))
    draw_all(results, "first")
    assert shown == axes


def test_noise_is_shown_where_there_is_any(results, monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "examples", lambda path, versions, *rest: shown.append(versions))
    for noisy in (False, True):
        write_data(results / "data", noisy=noisy)
        outputs = [results / name for name in DESCRIPTION]
        describe_data(LOOK, results / "data", *outputs)
    (clean,), (also_clean, noise) = shown
    assert (clean == also_clean).all() and (noise == 1 - clean).all()
    description = read_json(results / "description.json")
    assert description["train"] == {"source": "x.csv", "images": 6}
    assert description["classes"] == list(CLASSES)


@pytest.fixture
def rows(results, monkeypatch):
    """What a strip of reconstructions shows: names of its columns, and its rows."""
    shown = []
    monkeypatch.setattr(pictures, "labelled_grid", lambda *arguments: shown.extend(arguments[1:3]))

    def of() -> tuple:
        shown.clear()
        draw_epochs(None, results / "model", results / "data", SHAPE, LOOK)
        return tuple(shown)

    return of


def test_a_strip_shows_what_the_first_seed_makes_of_the_first_test_images(results, rows):
    snapshots = write_snapshots(results, epochs=3, images=2)
    columns, shown = rows()
    assert columns == ["4", "7"]
    assert list(shown) == ["test image", "epoch 1", "epoch 2", "epoch 3"]
    for epoch in (1, 2, 3):
        assert (shown[f"epoch {epoch}"] == snapshots[epoch - 1]).all()
    test = np.random.default_rng(3).random((10, PIXELS), np.float32)[6:8]
    assert (shown["test image"] == np.rint(255 * test)).all()


def test_a_strip_of_many_epochs_shows_the_first_some_and_the_last(results, rows):
    write_snapshots(results, epochs=250)
    assert list(rows()[1])[1:] == [f"epoch {e}" for e in (1, 2, 4, 8, 16, 32, 63, 125, 250)]
    write_snapshots(results, epochs=1)
    assert list(rows()[1]) == ["test image", "epoch 1"]


@pytest.mark.parametrize(
    "facts",
    [
        {"shape": [8, 12]},
        {"classes": ["4", "7"]},
        {"classes": ["4", "7", "9", "1"]},
        {"latents": [0, 2]},
        {"latents": [-1, 0]},
        {"draws": [1, 2, 8]},
        {"architecture": [layer("encoder", 87, 4), layer("decoder", 2, PIXELS)]},
        {"architecture": [layer("encoder", PIXELS, 6), layer("decoder", 3, PIXELS)]},
    ],
    ids=str,
)
def test_an_analysis_whose_files_do_not_fit_is_refused(results, facts):
    path = results / "analysis/analysis.json"
    write_json(path, read_json(path) | facts)
    with pytest.raises(InputError, match=r"analysis: analysis\.json does not fit arrays\.safete"):
        read_analysis(results / "analysis")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("confusion", np.eye(2)),
        ("labels", np.array([0, 1, 2, 3, 0, 1])),
        ("labels", np.array([0, 1, 2, -1, 0, 1])),
        ("codes", np.zeros((6, 3))),
        ("ring", np.zeros((2, 4, PIXELS), np.uint8)),
    ],
)
def test_arrays_that_do_not_fit_are_refused(results, name, array):
    path = results / "analysis/arrays.safetensors"
    write_arrays(path, read_arrays(path) | {name: array})
    with pytest.raises(InputError, match=r"fit"):
        read_analysis(results / "analysis")


@pytest.mark.parametrize(
    "facts",
    [
        {"draws": [0, 1]},
        {"draws": [1, 10**30]},
        {"kl": 1e300},
        {"gradient": -1e300},
        {"classes": ["$", "7", "9"]},
        {"shape": [88]},
        {"shape": [8, 11, 1]},
    ],
    ids=str,
)
def test_facts_that_cannot_be_drawn_are_refused(results, facts):
    path = results / "analysis/analysis.json"
    write_json(path, read_json(path) | facts)
    with pytest.raises(InputError, match=rf"analysis\.json: {next(iter(facts))}"):
        read_analysis(results / "analysis")


@pytest.mark.parametrize("snapshots", [{"pixels": 87}, {"images": 5}])
def test_snapshots_of_another_shape_or_of_more_images_are_refused(results, snapshots):
    write_snapshots(results, **snapshots)
    with pytest.raises(InputError, match=r"snapshots\.safetensors: does not fit .*/data\. Delete"):
        draw_all(results, "first")


def test_snapshots_of_another_data_set_are_refused(results):
    write_data(results / "data", shape=(8, 12))
    with pytest.raises(InputError, match=r"snapshots\.safetensors: does not fit .*/data\. Delete"):
        draw_all(results, "first")


def test_snapshots_without_the_first_seed_are_refused(results):
    write_json(results / "model/config.json", {"training": {"seeds": [5, 7]}})
    with pytest.raises(InputError, match=r"snapshots\.safetensors: 'seed-5' is not an array"):
        draw_all(results, "first")
