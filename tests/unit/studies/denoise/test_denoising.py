"""Against what each method must give, on images of two classes and networks that nobody trained."""

import json
import logging
from dataclasses import replace

import numpy as np
import pytest
import torch
from unit.toys import config, save_judge

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays, write_json
from vaepipe.datasets.images import Kind, read_images, writing
from vaepipe.datasets.noise import add_noise
from vaepipe.judges.classifier import read_judge
from vaepipe.measures.images import image_errors
from vaepipe.measures.noise import noisy_at
from vaepipe.models.batch import Batch
from vaepipe.models.denoising import Denoised, denoise
from vaepipe.models.distances import psnr
from vaepipe.models.saved import build_network, load
from vaepipe.models.weights import save_weights
from vaepipe.studies.denoise import denoising
from vaepipe.studies.denoise.denoising import Method, denoise_all

SHAPE, PIXELS = (12, 12), 144
OWN = 0.2
SETTINGS = {
    "images": 8,
    "sweep_images": 5,
    "pictures": 3,
    "levels": [0.1, OWN, 0.4],
    "components": 4,
    "autoencoders": ["ae"],
    "trained": [],
    "decoders": ["vae"],
    "steps": 6,
    "learning_rate": 0.05,
    "starts": 2,
    "seed": 1,
    "device": "cpu",
    "threads": 1,
    "data": {"noise": "gaussian", "level": OWN},
}
NAMES = ["noisy", "mean_image", "median", "pca", "ae", "vae", "map_vae", "clean"]
SEARCH = {"steps": 6, "learning_rate": 0.05, "starts": 2, "seed": 1}


def save_model(folder, kind, parts, **model):
    settings = config() | {"kind": kind, "shape": list(SHAPE)} | parts
    settings["model"] = settings["model"] | model
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    weights = {f"seed-{seed}": build_network(settings).state_dict() for seed in (3, 5)}
    save_weights(folder / "model.safetensors", weights)
    write_json(folder / "config.json", settings)


@pytest.fixture
def root(tmp_path):
    """Data, a judge, an autoencoder, a VAE and a classifier; the models have the seeds 3 and 5."""
    generator = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for name, count in (("train", 160), ("test", 12)):
        clean = np.rint(255 * generator.random((count, PIXELS))).astype(np.float32) / 255
        noisy = add_noise(clean, "gaussian", OWN, generator)
        path = tmp_path / "data" / f"{name}.parquet"
        with writing(path, Kind(SHAPE, ("A", "B"), "x"), ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 2, clean, noisy)
    (tmp_path / "judge").mkdir()
    torch.manual_seed(1)
    save_judge(tmp_path / "judge", SHAPE)
    models = tmp_path / "models"
    gaussian = {"likelihood": "gaussian"}
    save_model(models / "ae", "autoencoder", gaussian, deviation=0.2, latent_activation=None)
    save_model(models / "vae", "vae", gaussian, deviation=0.2)
    save_model(
        models / "cnn",
        "classifier",
        {"likelihood": "categorical"},
        dense=4,
        dropout=0.0,
        latent=None,
    )
    return tmp_path


def run(root, folder="found", **settings):
    """The outputs: facts, the methods by name, arrays."""
    (root / folder).mkdir()
    outputs = [root / folder / name for name in denoising.OUTPUTS]
    inputs = (root / name for name in ("data", "judge", "models"))
    denoise_all(SETTINGS | settings, *inputs, *outputs)
    facts = json.loads(outputs[0].read_text())
    return facts, {of["name"]: of for of in facts["methods"]}, read_arrays(outputs[1])


def batches(root):
    return [
        Batch.of(read_images(root / "data" / f"{name}.parquet"), torch.device("cpu"))
        for name in ("train", "test")
    ]


def test_methods_stand_in_order_with_their_seeds_and_passes(root):
    facts, methods, arrays = run(root)
    assert list(methods) == NAMES
    models = {name: of for name, of in methods.items() if of["variant"]}
    assert {n: of["variant"] for n, of in models.items()} == {
        "ae": "ae",
        "vae": "vae",
        "map_vae": "vae",
    }
    assert all(of["seeds"] == [3, 5] for of in models.values())
    assert [methods[name]["passes"] for name in NAMES] == [0, 0, 0, 0, 1, 1, 12, 0]
    assert methods["noisy"]["seeds"] is None
    assert facts["pictures"] == ["A", "B", "A"] and facts["of_classes"] == [4, 4]
    assert arrays["pictures"].shape == (8, 3, PIXELS) and arrays["pictures"].dtype == np.uint8
    assert arrays["squared_errors"].shape == (8, 8)


def test_trivial_methods_have_the_scores_of_the_images_that_they_stand_for(root):
    _, methods, arrays = run(root)
    train, test = batches(root)
    images = test[:8]
    mean = train.clean.mean(0).expand_as(images.clean)
    for name, denoised in (("noisy", images.noisy), ("mean_image", mean)):
        for measure, value in image_errors(denoised, images.clean, SHAPE).items():
            assert methods[name]["measures"][measure]["values"] == [pytest.approx(value)]
    assert methods["clean"]["measures"]["mse"]["mean"] == 0
    shown = (images.noisy[:3] * 255).round().numpy()
    assert (arrays["pictures"][0] == shown).all()
    assert (arrays["pictures"][-1] == (images.clean[:3] * 255).round().numpy()).all()


def test_each_level_has_its_noise_and_that_of_the_data_set_its_own(root):
    _, methods, _ = run(root)
    few = batches(root)[1][:5]
    drawn = noisy_at(few.clean, SETTINGS | {"noise_levels": SETTINGS["levels"]})
    expected = [psnr(images, few.clean) for images in (drawn[0.1], few.noisy, drawn[0.4])]
    found = [of["psnr"]["mean"] for of in methods["noisy"]["sweep"]]
    assert found == pytest.approx(expected)
    assert len({of["psnr"]["mean"] for of in methods["mean_image"]["sweep"]}) == 1


def test_pca_of_full_rank_gives_the_noisy_images_back(root):
    _, methods, arrays = run(root, components=PIXELS)
    assert methods["pca"]["measures"]["mse"]["mean"] == pytest.approx(
        methods["noisy"]["measures"]["mse"]["mean"], rel=1e-4
    )
    for full, noisy in zip(methods["pca"]["sweep"], methods["noisy"]["sweep"], strict=True):
        assert full["ssim"]["mean"] == pytest.approx(noisy["ssim"]["mean"], rel=1e-4)
    assert (arrays["pictures"][3] == arrays["pictures"][0]).all()


def test_without_noise_the_noisy_images_are_the_clean_ones(root):
    _, methods, _ = run(root, levels=[0.0, OWN], decoders=[])
    assert "map_vae" not in methods
    first, second = methods["noisy"]["sweep"]
    assert first["mse"]["mean"] == 0 and first["psnr"]["mean"] == pytest.approx(58.92, abs=0.01)
    assert first["ssim"]["mean"] == pytest.approx(1) and second["ssim"]["mean"] < 0.99
    assert first == methods["clean"]["sweep"][0]


@pytest.mark.parametrize("name", ["ae", "vae"])
def test_models_decode_what_they_encode_each_seed_by_itself(root, name):
    _, methods, arrays = run(root)
    test = batches(root)[1]
    models = [load(root / "models" / name, seed) for seed in (3, 5)]
    found = [model.reconstruct(test.noisy[:8]).flatten(1) for model in models]
    expected = [psnr(images, test.clean[:8]) for images in found]
    assert methods[name]["measures"]["psnr"]["values"] == pytest.approx(expected)
    assert expected[0] != expected[1]
    shown = arrays["pictures"][NAMES.index(name)]
    assert (shown == (255 * found[0][:3]).round().numpy()).all()
    few = noisy_at(test.clean[:5], SETTINGS | {"noise_levels": SETTINGS["levels"]})[0.4]
    swept = [psnr(model.reconstruct(few).flatten(1), test.clean[:5]) for model in models]
    assert methods[name]["sweep"][2]["psnr"]["values"] == pytest.approx(swept)


def test_a_search_is_told_the_level_and_its_curve_is_that_of_all_seeds(root):
    _, methods, _ = run(root)
    test, method = batches(root)[1], methods["map_vae"]
    models = [load(root / "models/vae", seed) for seed in (3, 5)]
    found = [denoise(model, test.noisy[:8], OWN, **SEARCH) for model in models]
    expected = [psnr(of.images.flatten(1), test.clean[:8]) for of in found]
    assert method["measures"]["psnr"]["values"] == pytest.approx(expected)
    curves = np.concatenate([of.curve.numpy() for of in found], 1)
    search = method["search"]
    assert search["steps"] == list(range(7))
    assert search["mean"] == pytest.approx(curves.mean(1).tolist())
    assert search["low"] == pytest.approx(np.quantile(curves, 0.1, axis=1).tolist())
    assert search["high"] == pytest.approx(np.quantile(curves, 0.9, axis=1).tolist())
    starts = np.concatenate([of.start.numpy() for of in found])
    assert search["kept"] == [(starts == 0).mean(), (starts == 1).mean()]
    few = noisy_at(test.clean[:5], SETTINGS | {"noise_levels": SETTINGS["levels"]})[0.4]
    images = denoise(models[0], few, 0.4, **SEARCH).images.flatten(1)
    value = psnr(images, test.clean[:5])
    assert method["sweep"][2]["psnr"]["values"][0] == pytest.approx(value)


def test_a_long_curve_is_thinned_and_keeps_its_ends():
    curve = torch.arange(1001.0, 0, -1)[:, None].expand(1001, 2)
    found = Denoised(torch.zeros(2, 4), torch.zeros(2, 1), curve, torch.tensor([0, 2]))
    told = denoising.describe_search([found, replace(found, start=torch.tensor([2, 2]))], 4)
    steps = told["steps"]
    assert steps[0] == 0 and steps[-1] == 1000 and 50 < len(steps) <= 100
    assert sorted(set(steps)) == steps
    assert told["mean"] == told["low"] == told["high"] == [1001 - step for step in steps]
    assert told["kept"] == [0.25, 0, 0.75, 0]


def test_errors_of_single_images_are_means_over_seeds(root):
    _, methods, arrays = run(root)
    for errors, name in zip(arrays["squared_errors"], NAMES, strict=True):
        mse = methods[name]["measures"]["mse"]["mean"]
        assert errors.mean() == pytest.approx(mse, rel=1e-5, abs=1e-12)
    images, model = batches(root)[1][:8], load(root / "models/ae", 5)
    other = load(root / "models/ae", 3)
    gaps = [(of.reconstruct(images.noisy).flatten(1) - images.clean) for of in (model, other)]
    expected = torch.stack(gaps).square().mean(-1).mean(0).numpy()
    assert np.allclose(arrays["squared_errors"][NAMES.index("ae")], expected, rtol=1e-4)


class Brightness:
    """A judge that takes bright images for the second class."""

    accuracy = 0.8

    def name(self, images):
        return (images.mean(1) > 0.5).long()

    def right(self, images, labels):
        return (self.name(images) == labels).double().mean().item()


def test_the_judge_names_each_class_of_each_seed():
    labels = torch.tensor([0, 0, 1, 1, 1])
    clean = labels[:, None].expand(5, PIXELS).float()
    bright, dark = torch.ones(5, PIXELS), torch.zeros(5, PIXELS)
    mixed = clean.clone()
    mixed[2] = 0
    method = Method("x", "reconstruct", [{OWN: bright}, {OWN: dark}, {OWN: mixed}], "x", [0, 1, 2])
    settings = SETTINGS | {"levels": [OWN], "sweep_images": 2}
    kind = Kind(SHAPE, ("A", "B"), "x")
    found = denoising.measure(method, Batch(clean, clean, labels), Brightness(), kind, settings)
    assert found["named"][0]["values"] == [0, 1, 1]
    assert found["named"][1]["values"] == [1, 0, pytest.approx(2 / 3)]
    assert found["measures"]["legibility"]["values"] == pytest.approx([0.75, 0.5, 1.0])
    assert found["sweep"][0]["legibility"]["values"] == pytest.approx([0, 1.25, 1.25])


def test_legibility_is_that_of_the_judge_in_the_folder(root):
    facts, methods, _ = run(root)
    judge, test = read_judge(root / "judge", torch.device("cpu")), batches(root)[1][:8]
    assert facts["judge"] == judge.accuracy
    value = judge.right(test.noisy, test.labels) / judge.accuracy
    assert methods["noisy"]["measures"]["legibility"]["values"] == [value]


def test_the_same_settings_give_the_same_bytes_and_seconds_are_only_logged(root, caplog):
    with caplog.at_level(logging.INFO):
        run(root, "first")
    run(root, "second")
    for name in denoising.OUTPUTS:
        assert (root / "first" / name).read_bytes() == (root / "second" / name).read_bytes()
    facts = [record.facts for record in caplog.records if hasattr(record, "facts")]
    timed = {of["method"]: of["image_seconds"] for of in facts if "method" in of}
    assert list(timed) == ["median", "pca", "ae", "vae", "map_vae"]
    assert all(seconds >= 0 for seconds in timed.values())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"levels": [0.1]}, "denoising.levels: have no 0.2"),
        ({"images": 13}, "denoising.images: 13 are more than the 12 test images"),
        ({"images": 1, "sweep_images": 1, "pictures": 1}, "none of the class 'B'"),
        ({"sweep_images": 9}, "denoising.sweep_images: 9 are more than the 8 images"),
        ({"pictures": 9}, "denoising.pictures: 9 are more than the 8 images"),
        ({"components": 145}, "denoising.components: 145 are more than the 144"),
        ({"data": {"noise": "masking", "level": OWN}}, "that of the data set is masking"),
        ({"autoencoders": ["cnn"]}, "a model of the kind Classifier has no encode"),
        ({"trained": ["cnn"]}, "a model of the kind Classifier has no encode"),
        ({"decoders": ["cnn"]}, "a model of the kind Classifier has no encode"),
        ({"decoders": ["ae"]}, "a model of the kind Autoencoder has no posterior"),
        ({"decoders": ["nobody"]}, "nobody"),
        ({"levels": [0.0, OWN]}, "level must be a number above 0"),
    ],
)
def test_what_does_not_fit_is_refused(root, settings, message):
    with pytest.raises(InputError, match=message):
        run(root, **settings)


def test_other_noise_needs_no_search(root):
    _, methods, _ = run(root, data={"noise": "masking", "level": OWN}, decoders=[])
    assert list(methods) == [name for name in NAMES if name not in ("vae", "map_vae")]
