"""What is measured and drawn of files, from data sets to the table of all variants."""

import json

import numpy as np
import pytest
import torch
from unit.studies.faces import small

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays
from vaepipe.datasets.images import read_images
from vaepipe.measures import roc
from vaepipe.measures.anomaly import coarsened, reconstruction_error, resized
from vaepipe.models.saved import load
from vaepipe.studies.faces import pictures
from vaepipe.studies.faces.comparison import OUTPUTS, over_seeds, part_of_way
from vaepipe.studies.faces.figures import OF_A_VARIANT, around_grey


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    small.build(folder)
    return folder


def clean(root, name: str) -> torch.Tensor:
    return torch.tensor(read_images(root / name / "test.parquet").pixels["clean"])


def test_scores_are_of_test_images_as_they_are_and_as_coarse_as_the_others(root):
    arrays, facts = pictures.read_anomaly(root / "anomaly")
    faces = clean(root, "data")
    sets = {
        "normal": faces,
        "coarse": coarsened(faces, small.SHAPE, small.FOREIGN[:2]),
        "foreign": resized(clean(root, "other"), small.FOREIGN, small.SHAPE[:2]),
    }
    scores = {}
    for name, images in sets.items():
        of_seeds = [
            reconstruction_error(load(root / "models/ae", seed), images[:20]) for seed in (3, 5)
        ]
        scores[name] = np.stack(of_seeds)
        np.testing.assert_allclose(arrays[name][0], scores[name].mean(0), rtol=1e-5)
    names = [(of["name"], of["variant"]) for of in facts["methods"]]
    assert names == [
        ("reconstruction_error", "ae"),
        ("reconstruction_error", "vae"),
        ("negative_elbo", "vae"),
        ("mean_image", None),
        ("pca", None),
    ]
    for key, part in (("sharp", "normal"), ("coarse", "coarse")):
        own = roc.Scores(scores[part], scores["foreign"])
        assert facts["methods"][0][key]["aucs"] == pytest.approx(roc.aucs(own))
        trivial = facts["methods"][3:]
        best = max(trivial, key=lambda of: of[key]["value"])
        assert {of[key]["against"] for of in facts["methods"]} == {best["name"]}
        gap = facts["methods"][0][key]["value"] - best[key]["value"]
        assert facts["methods"][0][key]["difference"]["value"] == pytest.approx(gap)
        assert best[key]["difference"] is None


def test_the_most_extreme_images_are_shown_first(root):
    facts = json.loads((root / "anomaly/anomaly.json").read_text())["extremes"]
    for of_set in facts.values():
        assert of_set["lowest"] == sorted(of_set["lowest"])
        assert of_set["highest"] == sorted(of_set["highest"], reverse=True)
        assert of_set["lowest"][-1] <= of_set["highest"][-1]


@pytest.mark.parametrize("changed", [{"images": 21}, {"pictures": 21}, {"components": 50}])
def test_settings_that_do_not_fit_are_named(root, changed):
    (key,) = changed
    with pytest.raises(InputError, match=key):
        small.tell_apart(root, **changed)


def test_grey_images_are_no_anomalies_of_colour_images(root, tmp_path):
    small.write_data(tmp_path / "other", (8, 8), np.zeros((48, 64)))
    for name in ("data", "models"):
        (tmp_path / name).symlink_to(root / name)
    with pytest.raises(InputError, match=r"dataset: images of other are \(8, 8\)"):
        small.tell_apart(tmp_path)


def test_the_table_has_each_number_over_the_seeds(root):
    small.compare(root)
    table = json.loads((root / "comparison.json").read_text())
    assert all((root / name).stat().st_size for name in OUTPUTS)
    found = json.loads((root / "contrast/contrast.json").read_text())["found"]["vae"]
    values = [of["aggregate"][1]["moved"] for of in found]
    assert table["contrast"]["found"]["vae"]["aggregate"][1]["moved"]["values"] == values
    assert table["contrast"]["found"]["autoencoder"]["posterior"] is None
    first = json.loads((root / "analyses/ae/analysis.json").read_text())
    blend = table["blends"]["ae"][1]
    assert blend["alpha"] == 0.5
    assert blend["alike"]["values"] == pytest.approx(
        [of["apart"][1] / of["apart"][0] for of in first["blends"]]
    )
    assert 0 <= min(blend["moved_share"]["values"]) <= max(blend["moved_share"]["values"]) <= 1
    assert table["sizes"]["ae"]["parameters"] == table["sizes"]["ae"]["trainable"]
    assert {c["other"] for c in table["comparisons"]} == {"ae"}
    assert table["mean_image"] == 9.0


def test_spreads_of_nested_things():
    found = over_seeds([{"a": [1.0, 2.0], "b": None}, {"a": [3.0, 4.0], "b": None}])
    assert [of["values"] for of in found["a"]] == [[1.0, 3.0], [2.0, 4.0]]
    assert found["b"] is None


def test_a_third_of_the_way_is_told_from_squared_distances():
    whole = 5.0
    for part in (0.0, 1 / 3, 0.5, 1.0):
        squares = (part * whole) ** 2, ((1 - part) * whole) ** 2
        assert part_of_way(*squares) == pytest.approx(part)
    assert part_of_way(0.0, 0.0) == 0


def test_the_figures_of_a_variant_are_drawn(root):
    small.draw(root)
    assert all((root / name).read_text().lstrip().startswith("<?xml") for name in OF_A_VARIANT)


def test_differences_are_around_grey_and_stretched_to_the_largest():
    image, other = np.array([10, 20, 30], np.uint8), np.array([10, 24, 29], np.uint8)
    assert around_grey(image, other).tolist() == [128, 1, 160]
    assert around_grey(image, image).tolist() == [128] * 3


@pytest.mark.parametrize("part", ["anomaly", "contrast"])
def test_files_that_do_not_meet_are_named(root, tmp_path, part):
    facts = json.loads((root / part / f"{part}.json").read_text())
    arrays = root / part / f"{part}.safetensors"
    (tmp_path / f"{part}.safetensors").write_bytes(arrays.read_bytes())
    read = {"anomaly": pictures.read_anomaly, "contrast": pictures.read_contrast}[part]
    (tmp_path / f"{part}.json").write_text(json.dumps(facts | {"shape": [16, 15, 3]}))
    with pytest.raises(InputError, match=rf"{part}\.json does not fit"):
        read(tmp_path)
    assert read_arrays(arrays)
