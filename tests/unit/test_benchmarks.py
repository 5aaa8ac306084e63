"""The tables of README and the pages are those of results.json; what trainings are held against."""

import importlib.util
import json
import sys

import pytest
import torch
from conftest import ROOT, pages
from torch import nn

from vaepipe.measures.catalogue import CATALOGUE


def imported(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / f"benchmarks/{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def real():
    return imported("real")


def test_the_pages_have_the_tables_of_what_was_measured(real):
    tables = real.tables(json.loads(real.RESULTS.read_text()))
    for page in pages():
        text = page.read_text()
        assert real.written(text, tables) == text, page


def test_each_overlay_has_its_place(real):
    overlays, results = real.read_overlays(()), json.loads(real.RESULTS.read_text())
    assert results.keys() == overlays.keys()
    text = "".join(page.read_text() for page in pages())
    for name in (*overlays, real.SUMMARY):
        assert real.place(name) in pages()
        assert all(text.count(mark) == 1 for mark in real.markers(name))


def test_readme_has_a_row_for_each_published_number(real):
    results = json.loads(real.RESULTS.read_text())
    lines = real.summary(results).splitlines()
    assert len(lines) == 2 + sum(len(of["published"]) for of in results.values())
    assert real.place(real.SUMMARY) == ROOT / "README.md"
    (row,) = (line for line in lines if "pytorch" in line)
    assert "| 105.59 | 105.63 ± 0.18 | 5 × 10 epochs, 60,000 images | where 95 % " in row


def test_a_value_is_written_with_its_spread_and_true_minus(real):
    assert real.scaled("elbo", [-200.0, -202.0]) == "\N{MINUS SIGN}201.0 ± 1.4"
    assert real.scaled("knn_accuracy", [0.5]) == "50.0"
    assert {name for of in real.MEASURES.values() for name in of} <= CATALOGUE.keys()


@pytest.mark.parametrize(
    ("published", "words"),
    [(10.9, "where 95 % of ours are"), (20.0, "ours is lower"), (5.0, "ours is higher")],
)
def test_a_published_number_agrees_where_one_more_training_might_have_it(real, published, words):
    # mean 10, deviation 1, t of 2 degrees 4.3027: 10 ± 4.97
    found = real.agreement(published, [9.0, 10.0, 11.0])
    assert found.startswith(words)
    assert "5.03 to 14.97" in found


def test_of_one_or_two_trainings_the_differences_are_all_there_is(real):
    found = real.agreement(-86.76, [-90.0])
    assert found == "ours less the published: \N{MINUS SIGN}3.24"
    assert real.agreement(42.7, [55.3, 61.6]) == "ours less the published: +12.60 and +18.90"


def test_what_is_not_there_is_said(real, tmp_path):
    with pytest.raises(SystemExit, match=r"x\.gz: is not there"):
        real.take(tmp_path, "x.gz", tmp_path / "y")
    with pytest.raises(SystemExit, match=r"there is no \S+/letter\.yaml; there are "):
        real.read_overlays(["letter"])


def test_what_has_no_place_is_said_before_hours_are_spent(real):
    with pytest.raises(SystemExit, match="has a place for <!-- real: x -->"):
        real.place("x")


def test_a_table_takes_the_place_of_the_last_one(real):
    found = real.written("a\n<!-- real: x -->\nold\n<!-- end of x -->\nb\n", {"x": "| 1\\2 |"})
    assert found == "a\n<!-- real: x -->\n| 1\\2 |\n\n<!-- end of x -->\nb\n"
    assert real.written("no place\n", {"x": "new"}) == "no place\n"


SEEDS = [0.5, 0.7]
DENOISE = {
    "baseline": "ae_2",
    "judge": {"accuracy": 0.991, "majority": 0.1135},
    "variants": [
        {
            "name": "ae_2",
            "parts": {"kind": "autoencoder", "body": "conv"},
            "model": {"latent": 2, "dense": None},
            "training": {"noise": "none"},
            "measures": {name: {"values": SEEDS} for name in ("psnr", "ssim", "knn_accuracy")},
        },
        {
            "name": "cnn_128",
            "parts": {"kind": "classifier", "body": "pool"},
            "model": {"latent": None, "dense": 128},
            "training": {"noise": "none"},
            "measures": {"accuracy": {"values": [0.99, 0.992]}},
        },
    ],
    "spaces": {
        "ae_2": {
            "linear": {
                "over_classes": {"values": [0.5, 0.6]},
                "over_images": {"values": [0.51, 0.61]},
            }
        }
    },
    "methods": {
        "images": 80,
        "level": 0.3,
        "methods": [
            {
                "name": name,
                "passes": passes,
                "measures": {
                    of: {"values": values} for of in ("psnr", "ssim", "mse", "legibility")
                },
            }
            for name, passes, values in (("noisy", 0, [20.0]), ("map_gvae_8", 2000, [21.0, 22.0]))
        ],
    },
    "comparisons": [
        {
            "of": of,
            "variant": "ae_2",
            "other": "ae_2",
            "measure": measure,
            "difference": 0.25,
            "low": -0.125,
            "high": 1.5,
            "verdict": "not decided",
        }
        for of, measure in (("variant", "psnr"), ("variant", "legibility"), ("method", "mse"))
    ],
}
"""A table of the study denoise, as far as it is shown."""


@pytest.fixture
def built(tmp_path):
    """A project of the study denoise, as far as it is read, and what its overlay would say."""
    results = tmp_path / "results/denoise"
    files = {
        results / "comparison/comparison.json": DENOISE,
        results / "data/some/description.json": {"train": {"images": 9}, "test": {"images": 8}},
        results / "evaluations/cnn_128/seeds.json": {
            "measures": DENOISE["variants"][1]["measures"]
        },
        tmp_path / "params.yaml": {
            "studies": {
                "denoise": {
                    "datasets": ["some"],
                    "variants": ["ae_2"],
                    "training": {"epochs": 3},
                    "denoising": {"components": 7},
                }
            },
            "variants": {"ae_2": {"training": {}}},
            "datasets": {"some": {"level": 0.3}},
        },
    }
    for file, content in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(content))
    asked = [
        {"variant": "cnn_128", "what": "test accuracy, %", "value": 97.8, "source": "a report"},
        {"variant": "ae_2", "what": "accuracy from the latents, over images, %", "value": 57.0}
        | {"source": "the same"},
    ]
    return tmp_path, {"study": "denoise", "title": "T", "about": "A.", "published": asked}


def test_variants_of_several_kinds_have_the_measures_of_their_kind(real, built):
    lines = real.render("x", real.measured(*built)).splitlines()
    (autoencoder,) = (line for line in lines if line.startswith("| `ae_2` | auto"))
    assert autoencoder == (
        "| `ae_2` | autoencoder | conv | 2 |  | none | 0.60 ± 0.14 | 0.600 ± 0.141 |  | "
        "60.0 ± 14.1 |  |  | not decided (\N{MINUS SIGN}0.12 to +1.50) |"
    )
    (classifier,) = (line for line in lines if line.startswith("| `cnn_128`"))
    assert classifier.startswith(
        "| `cnn_128` | classifier | pool |  | 128 | none |  |  |  |  | 99.1"
    )
    assert any(line.endswith("| PSNR against `ae_2` |") for line in lines)


def test_accuracies_stand_in_percent_beside_the_published_ones(real, built):
    found = real.measured(*built)["published"]
    assert [of["values"] for of in found] == [
        pytest.approx([99.0, 99.2]),
        pytest.approx([51.0, 61.0]),
    ]
    assert found[0]["value"] == 97.8


def test_methods_that_denoise_have_a_table_and_their_comparisons_another(real, built):
    lines = real.render("x", real.measured(*built)).splitlines()
    assert any(line.startswith("The first 80 ") and "has 7 components" in line for line in lines)
    assert "| noisy input |  | 20.00 | 20.000 | 20.0000 | 20.000 |" in lines
    (searched,) = (line for line in lines if line.startswith("| `map_gvae_8`"))
    assert searched.startswith("| `map_gvae_8` | 2000 | 21.50 ± 0.71 |")
    assert lines[-1] == (
        "| `ae_2` | `ae_2` | MSE | +0.2500 | not decided (\N{MINUS SIGN}0.1250 to +1.5000) |"
    )
    assert len([line for line in lines if "not decided" in line]) == 2


def value(name, true, test, samples):
    return {
        "value": name,
        "true": {"share": true},
        "test": {"share": test},
        "samples": dict(zip(("share", "low", "high"), samples, strict=True)),
    }


def test_what_samples_show_stands_beside_the_test_images(real):
    rows = [
        {"variant": variant, "deviation": deviation, "name": "hair", "values": [of]}
        for variant, deviation, of in (
            ("long", 0.8, value("brown", 0.2, 0.21, (0.3, 0.28, 0.32))),
            ("long", 1.0, value("brown", 0.2, 0.21, (0.4, 0.38, 0.42))),
            ("short", 0.8, value("brown", 0.2, 0.21, (0.9, 0.8, 1.0))),
        )
    ]
    attributes = {"samples": 1000, "judges": {"hair": {"accuracy": 0.97}}, "rows": rows}
    found = real.attributes({"baseline": "long", "attributes": attributes})
    lines = real.attributes_table(found, "long")
    assert "1,000 samples of each seed of `long`" in lines[1] and "hair 97 %" in lines[1]
    assert lines[3:] == [
        "| attribute | value | test images | by the judge | samples, σ = 0.8 | samples, σ = 1 |",
        "| --- | --- | --- | --- | --- | --- |",
        "| hair | brown | 20 % | 21 % | 30 % (28 % to 32 %) | 40 % (38 % to 42 %) |",
    ]


def test_scores_of_anomalies_have_a_table(real):
    found = {"foreign": "objects", "images": 300, "foreign_images": 200, "foreign_shape": [32, 32]}
    score = {"sharp": {"value": 0.9, "low": 0.85, "high": 0.95}}
    score |= {"coarse": {"value": 0.5, "low": 0.4, "high": 0.6}}
    methods = [
        {"name": "negative_elbo", "variant": "face_vae", **score},
        {"name": "mean_image", "variant": None, **score},
    ]
    lines = real.anomaly_table(real.anomaly(found | {"methods": methods}))
    assert "200 test images of `objects`" in lines[1] and "300 of faces" in lines[1]
    assert lines[3].endswith("| AUC, faces reduced to 32 × 32 |")
    assert [line.split(" |")[0] for line in lines[5:]] == [
        "| negative ELBO of face_vae",
        "| distance to the mean image",
    ]
    assert lines[5].endswith("| 0.900 (0.850 to 0.950) | 0.500 (0.400 to 0.600) |")


@pytest.mark.parametrize("wanted", [True, False])
@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Linear(7, 3), (7,)),
        (nn.Conv2d(2, 3, 3, stride=2, padding=1), (2, 8, 8)),
        (nn.ConvTranspose2d(2, 3, 3, stride=2, padding=1, output_padding=1), (2, 8, 8)),
    ],
)
def test_the_layers_that_trainings_are_held_against_do_all_that_a_step_does(layer, shape, wanted):
    training = imported("training")
    given = torch.randn(5, *shape, requires_grad=True)
    expected = layer(given)
    gradient = torch.randn_like(expected)
    of_input, of_weight = torch.autograd.grad(expected, (given, layer.weight), gradient)
    alone = training._product if isinstance(layer, nn.Linear) else training._convolution
    with torch.no_grad():
        found = alone(layer, given.detach(), gradient, wanted)()
    torch.testing.assert_close(found[0], expected.detach())
    torch.testing.assert_close(found[2], of_weight)
    if wanted:
        torch.testing.assert_close(found[1], of_input)
    else:
        assert found[1] is None
