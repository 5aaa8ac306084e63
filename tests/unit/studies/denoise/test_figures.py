"""The figures of the study, drawn from files as its nodes leave them."""

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays, read_json, write_arrays, write_json
from vaepipe.figures import classes, latents, pictures
from vaepipe.measures.calibration import reliability
from vaepipe.studies.denoise.figures import OF_A_VARIANT, draw_variant, read_analysis

LOOK = {"colormap": "gray_r", "width": 16.0}
SHAPE = (8, 11)
PIXELS = 88
CLASSES = ("4", "7", "9")
KINDS = ("autoencoder", "vae", "classifier")


def layer(part: str, before: int, after: int) -> dict:
    parameters = after * (before + 1)
    shapes = {"input": [before], "output": [after]}
    return {"part": part, "kind": "Linear", "settings": None, **shapes, "parameters": parameters}


def images(*count) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (*count, PIXELS), dtype=np.uint8)


def decoded(latent: int, numbers: int) -> tuple[dict, dict]:
    """Arrays and facts of a model whose encoder gives so many numbers."""
    generator = np.random.default_rng(0)
    arrays = {
        "originals": images(4),
        "decoded": 255 - images(6),
        "codes": generator.random((6, latent), np.float32),
        "plane": generator.random((6, 2), np.float32),
        "labels": np.arange(6) % 3,
        "linear": generator.random((2, 3)),
        "knn": generator.random((2, 3)),
        "confusion": np.eye(3),
    }
    if latent == 2:
        arrays["grid"] = images(2, 3, 3)
    facts = {
        "latent": latent,
        "explained": 1.0,
        "on_axes": [0.0, 0.5],
        "extent": [[0.0, 1.0], [-2.0, 2.0]] if latent == 2 else None,
        "alive": [latent, latent],
        "neighbour_distance": [0.3, 0.4],
        "neighbour_control": [0.6, 0.7],
        "principal": {"linear": [0.1, 0.2, 0.3], "knn": [0.1, 0.2, 0.3], "psnr": 12.0},
        "stretch": [1.5, 2.5],
        "architecture": [layer("encoder", PIXELS, numbers), layer("decoder", latent, PIXELS)],
    }
    return arrays, facts


def classified() -> tuple[dict, dict]:
    generator = np.random.default_rng(0)
    arrays = {
        "probabilities": generator.dirichlet(np.ones(3), (2, 6)).astype(np.float32),
        "labels": np.arange(6) % 3,
        "mistakes": images(2),
        "confusion": np.eye(3),
    }
    facts = {
        "mistakes": [
            {"label": "4", "named": "9", "confidence": 0.987},
            {"label": "7", "named": "4", "confidence": 0.5},
        ],
        "architecture": [layer("encoder", PIXELS, 3)],
    }
    return arrays, facts


def write_analysis(folder, kind, latent=2):
    folder.mkdir(exist_ok=True)
    numbers = {"autoencoder": latent, "vae": 2 * latent}
    arrays, facts = classified() if kind == "classifier" else decoded(latent, numbers[kind])
    write_arrays(folder / "arrays.safetensors", arrays)
    shared = {"shape": list(SHAPE), "classes": list(CLASSES)}
    write_json(folder / "analysis.json", shared | facts)


def write_history(folder, term, splits=("train", "test"), lengths=(3, 2)):
    folder.mkdir(exist_ok=True)
    rows = [
        f"{seed},{epoch},{split},{9 / epoch + seed},{9 / epoch},{seed},0.1\n"
        for seed, last in enumerate(lengths)
        for epoch in range(1, last + 1)
        for split in splits
    ]
    header = f"seed,epoch,split,total,{term},l2,total_per_pixel\n"
    (folder / "history.csv").write_text(header + "".join(rows))


@pytest.fixture(params=KINDS)
def results(request, tmp_path):
    """Folders of a model of a kind and of its analysis."""
    terms = ("squared_error", "reconstruction", "cross_entropy")
    write_history(tmp_path / "model", dict(zip(KINDS, terms, strict=True))[request.param])
    write_analysis(tmp_path / "analysis", request.param)
    return tmp_path


def of_kind(kind: str):
    return pytest.mark.parametrize("results", [kind], indirect=True)


def draw_all(results, name):
    folder = results / name
    folder.mkdir()
    inputs = (results / of for of in ("model", "analysis"))
    draw_variant(LOOK, *inputs, *(folder / of for of in OF_A_VARIANT))
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def change(results, **arrays):
    path = results / "analysis/arrays.safetensors"
    write_arrays(path, read_arrays(path) | arrays)


def state(results, **facts):
    path = results / "analysis/analysis.json"
    write_json(path, read_json(path) | facts)


def test_every_kind_has_all_figures_the_same_byte_for_byte(results):
    first = draw_all(results, "first")
    assert set(first) == set(OF_A_VARIANT)
    assert all(b"<svg" in content for content in first.values())
    assert len(set(first.values())) == len(first)
    assert first == draw_all(results, "second")


# Matplotlib draws text as outlines, and writes what it says beside them.
LABELS = {
    "autoencoder": {
        "architecture.svg": ["Encoder, 178 parameters", "latents $z$", "Linear", "88"],
        "losses.svg": ["train", "test", "squared error per image", "epoch"],
        "confusion.svg": ["100", "taken for", "class", "9"],
        "pictures.svg": ["test image", "decoded", "4", "7", "9"],
        "view.svg": ["$z_{1}$", "$z_{2}$"],
    },
    "vae": {
        "architecture.svg": [r"mean $\mu$", r"log variance $\log\,\sigma^2$"],
        "losses.svg": ["nats per image"],
        "pictures.svg": ["test image", "decoded"],
    },
    "classifier": {
        "architecture.svg": ["Encoder, 267 parameters", "probability of each class", "3"],
        "losses.svg": ["nats per image"],
        "pictures.svg": ["4 as 9", "98.7 %", "7 as 4", "50.0 %"],
        "view.svg": ["confidence", "accuracy", "images"],
    },
}


@pytest.mark.parametrize(("results", "labels"), LABELS.items(), indirect=["results"], ids=KINDS)
def test_figures_hold_their_labels(results, labels):
    drawn = draw_all(results, "first")
    for name, texts in labels.items():
        for text in texts:
            assert f"<!-- {text} -->".encode() in drawn[name], (name, text)


@pytest.mark.parametrize(
    ("results", "array", "changed"),
    [
        ("vae", "originals", {"pictures.svg"}),
        ("vae", "decoded", {"pictures.svg"}),
        ("vae", "plane", {"view.svg"}),
        ("vae", "confusion", {"confusion.svg"}),
        ("vae", "grid", set()),
        ("vae", "codes", set()),
        ("classifier", "mistakes", {"pictures.svg"}),
        ("classifier", "confusion", {"confusion.svg"}),
        ("classifier", "probabilities", {"view.svg"}),
    ],
    indirect=["results"],
)
def test_each_array_is_drawn_in_its_figure(results, array, changed):
    first = draw_all(results, "first")
    values = read_arrays(results / "analysis/arrays.safetensors")[array]
    change(results, **{array: (values[::-1] / 2).astype(values.dtype)})
    second = draw_all(results, "second")
    assert {name for name in first if first[name] != second[name]} == changed


@of_kind("vae")
@pytest.mark.parametrize(
    ("latent", "axes"),
    [(2, ["$z_{1}$", "$z_{2}$"]), (3, ["first component", "second component"])],
)
def test_the_axes_of_the_plane_are_the_latents_or_the_components(
    results, monkeypatch, latent, axes
):
    write_analysis(results / "analysis", "vae", latent)
    shown = []
    monkeypatch.setattr(latents, "plane", lambda *arguments: shown.extend(arguments[4]))
    draw_all(results, "first")
    assert shown == axes


@of_kind("autoencoder")
def test_pictures_are_headed_by_the_classes_of_the_first_test_images(results, monkeypatch):
    shown = []
    monkeypatch.setattr(pictures, "labelled_grid", lambda *arguments: shown.extend(arguments))
    draw_all(results, "first")
    assert shown[1] == ["4", "7", "9", "4"]
    assert (shown[2]["test image"] == images(4)).all()
    assert (shown[2]["decoded"] == 255 - images(4)).all()


@of_kind("classifier")
def test_the_reliability_is_that_of_all_seeds(results, monkeypatch):
    shown = []
    monkeypatch.setattr(classes, "reliability", lambda *arguments: shown.extend(arguments[1:4]))
    draw_all(results, "first")
    arrays = read_arrays(results / "analysis/arrays.safetensors")
    for seed, probabilities in enumerate(arrays["probabilities"]):
        expected = reliability(probabilities, arrays["labels"])
        assert all((of[seed] == values).all() for of, values in zip(shown, expected, strict=True))


DECODED_FACTS = [
    {"shape": [8, 12]},
    {"classes": ["4", "7"]},
    {"classes": ["4", "7", "9", "1"]},
    {"latent": 3, "extent": None},
    {"extent": None},
    {"on_axes": [0.5]},
    {"alive": [2]},
    {"principal": {"linear": [0.1], "knn": [0.1], "psnr": 12.0}},
    {"stretch": [1.0, 1.0, 1.0]},
    {"architecture": [layer("encoder", 87, 4), layer("decoder", 2, PIXELS)]},
    {"architecture": [layer("encoder", PIXELS, 3), layer("decoder", 3, PIXELS)]},
]
CLASSIFIED_FACTS = [
    {"shape": [8, 12]},
    {"classes": ["4", "7"]},
    {"mistakes": classified()[1]["mistakes"][:1]},
    {"architecture": [layer("encoder", PIXELS, 4)]},
    {"architecture": [layer("encoder", 87, 3)]},
]


@pytest.mark.parametrize(
    ("results", "facts"),
    [
        *(("autoencoder", facts) for facts in DECODED_FACTS),
        *(("classifier", facts) for facts in CLASSIFIED_FACTS),
    ],
    indirect=["results"],
    ids=str,
)
def test_an_analysis_whose_files_do_not_fit_is_refused(results, facts):
    state(results, **facts)
    with pytest.raises(InputError, match=r"analysis: analysis\.json does not fit arrays\.safete"):
        read_analysis(results / "analysis")


@pytest.mark.parametrize(
    ("results", "name", "array"),
    [
        ("vae", "confusion", np.eye(2)),
        ("vae", "labels", np.array([0, 1, 2, 3, 0, 1])),
        ("vae", "labels", np.array([0, 1, 2, -1, 0, 1])),
        ("vae", "plane", np.zeros((6, 3))),
        ("vae", "codes", np.zeros((6, 3))),
        ("vae", "linear", np.zeros((3, 3))),
        ("vae", "grid", np.zeros((2, 3, 3, 87))),
        ("vae", "grid", np.zeros((3, 3, 3, PIXELS))),
        ("vae", "decoded", np.zeros((4, PIXELS))),
        ("classifier", "probabilities", np.zeros((2, 5, 3))),
        ("classifier", "probabilities", np.zeros((2, 6, 4))),
        ("classifier", "mistakes", np.zeros((3, PIXELS))),
        ("classifier", "mistakes", np.zeros((2, 87))),
        ("classifier", "labels", np.array([0, 1, 2, 3, 0, 1])),
    ],
    indirect=["results"],
)
def test_arrays_that_do_not_fit_are_refused(results, name, array):
    change(results, **{name: array})
    with pytest.raises(InputError, match=r"fit"):
        read_analysis(results / "analysis")


@pytest.mark.parametrize(
    ("results", "facts"),
    [
        ("vae", {"classes": ["$", "7", "9"]}),
        ("vae", {"shape": [88]}),
        ("vae", {"on_axes": [0.5, 1.5]}),
        ("vae", {"stretch": []}),
        ("vae", {"neighbour_distance": [-1.0, 0.0]}),
        ("vae", {"extent": [[0.0, 1.0]]}),
        ("vae", {"architecture": [layer("decoder", 2, PIXELS)]}),
        ("classifier", {"mistakes": []}),
        ("classifier", {"mistakes": 2 * [{"label": "4", "named": "7", "confidence": 2.0}]}),
    ],
    indirect=["results"],
)
def test_facts_that_cannot_be_drawn_are_refused(results, facts):
    state(results, **facts)
    with pytest.raises(InputError, match=rf"analysis\.json: {next(iter(facts))}"):
        read_analysis(results / "analysis")


@of_kind("classifier")
def test_what_has_no_decoder_has_the_facts_of_a_classifier(results):
    state(results, architecture=decoded(2, 4)[1]["architecture"])
    with pytest.raises(InputError, match=r"analysis\.json: latent: field required"):
        read_analysis(results / "analysis")
