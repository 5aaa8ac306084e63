"""Against what is known of each method, and that nothing but training images decides."""

import json
import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from unit.toys import save_judge

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind, writing
from vaepipe.measures.baselines import (
    entropy,
    measure_baselines,
    median,
    pca,
    ridge,
    total_variation,
)
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.measures.images import image_errors
from vaepipe.models.batch import Batch

SHAPE = (12, 12)
EVALUATION = {"neighbours": 3, "samples": 12, "seed": 0}


def batch(count: int, seed: int, level: float = 0.3) -> Batch:
    """Squares of two sizes on black, with noise."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 2
    clean = torch.zeros(count, *SHAPE)
    for image, label in zip(clean, labels, strict=True):
        image[2 : 7 + 4 * label, 3 : 8 + 3 * label] = 1
    noise = level * torch.randn(clean.shape, generator=generator)
    return Batch((clean + noise).clip(0, 1).flatten(1), clean.flatten(1), labels)


def error(images, clean):
    return ((images - clean) ** 2).mean().item()


def test_the_median_by_hand():
    image = torch.arange(9.0).reshape(1, 9)
    assert median(image, (3, 3)).reshape(3, 3)[1, 1] == 4
    spike = torch.zeros(1, 25)
    spike[0, 12] = 1
    assert not median(spike, (5, 5)).any()


def test_denoisers_of_colour_images_take_each_colour_by_itself():
    one, other = batch(40, 0), batch(40, 1)
    colours = Batch(
        *(
            torch.stack([getattr(b, name).reshape(-1, *SHAPE) for b in (one, other, one)], -1)
            for name in ("noisy", "clean")
        ),
        one.labels,
    )
    rows = Batch(colours.noisy.flatten(1), colours.clean.flatten(1), one.labels)
    found = median(rows.noisy, (*SHAPE, 3)).reshape(-1, *SHAPE, 3)
    for i, grey in enumerate((one, other, one)):
        assert torch.equal(found[..., i].flatten(1), median(grey.noisy, SHAPE))
    method = total_variation(rows, rows, (*SHAPE, 3))
    assert error(method.denoised, rows.clean) < 0.8 * error(rows.noisy, rows.clean)
    planes = method.denoised.reshape(-1, *SHAPE, 3)
    assert torch.equal(planes[..., 0], planes[..., 2])


@pytest.mark.parametrize("denoise", [lambda a, b: total_variation(a, b, SHAPE), ridge])
def test_denoisers_come_nearer_to_the_clean_images_and_ask_only_the_training_split(denoise):
    train, test = batch(80, 0), batch(20, 1)
    method = denoise(train, test)
    assert error(method.denoised, test.clean) < 0.8 * error(test.noisy, test.clean)
    assert method.denoised.min() >= 0 and method.denoised.max() <= 1
    other = denoise(train, Batch(test.noisy, torch.zeros_like(test.clean), test.labels))
    assert torch.equal(other.denoised, method.denoised) and other.chosen == method.chosen


def test_the_strength_grows_with_the_noise():
    weak, strong = (
        total_variation(batch(40, 0, level), batch(5, 1, level), SHAPE).chosen
        for level in (0.05, 0.5)
    )
    assert weak < strong


def test_pca_projects_and_draws_from_the_normal_law_of_its_components():
    train, test = batch(80, 0), batch(20, 1)
    method = pca(train, test, 1, 5000, 0)
    fitted = PCA(1).fit(train.clean.numpy())
    expected = fitted.inverse_transform(fitted.transform(test.noisy.numpy())).clip(0, 1)
    assert torch.allclose(method.denoised.double(), torch.from_numpy(expected).double(), atol=1e-4)
    assert [len(codes) for codes in method.codes] == [80, 20]
    centre = method.samples.mean(0)  # of two images, half of each
    assert torch.allclose(centre, train.clean.mean(0), atol=0.1)
    with pytest.raises(InputError, match=r"baselines\.components: 145 are more than the 80"):
        pca(train, test, 145, 5, 0)


def test_the_entropy_is_the_least_cross_entropy():
    clean = torch.rand(3, 144)
    least = torch.nn.functional.binary_cross_entropy(clean, clean, reduction="none").sum(1).mean()
    assert entropy(clean) == pytest.approx(least.item(), rel=1e-5)
    assert entropy(torch.full((1, 2), 0.5)) == pytest.approx(2 * math.log(2))
    assert entropy(clean.round()) == 0


@pytest.fixture
def folders(tmp_path):
    """A folder of data and one of an untrained judge."""
    data, judge = tmp_path / "data", tmp_path / "judge"
    for folder in (data, judge):
        folder.mkdir()
    for name, images in (("train", batch(60, 0)), ("test", batch(20, 1))):
        kind = Kind(SHAPE, ("A", "B"), "x.csv")
        with writing(data / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(images.labels.numpy(), images.clean.numpy(), images.noisy.numpy())
    save_judge(judge, SHAPE)
    return data, judge


def test_every_baseline_has_the_measures_that_it_can_have(tmp_path, folders):
    settings = {"evaluation": EVALUATION, "baselines": {"components": [1, 2], "threads": 1}}
    measure_baselines(settings, *folders, tmp_path / "baselines.json")
    found = json.loads((tmp_path / "baselines.json").read_text())
    assert found["judge"] == {"accuracy": 0.5, "majority": 0.5}
    assert found["entropy"] == 0 and found["samples"] == 12
    assert found["nearest"] == 0  # there are two clean images
    denoising, samples = {"mse", "psnr", "ssim", "legibility"}, {"frechet", "kernel_distance"}
    samples |= {"density", "coverage"}
    has = {name: set(of["measures"]) for name, of in found["methods"].items()}
    assert has == {
        "training_images": samples,
        "noisy": denoising | {"knn_accuracy"},
        "median": denoising,
        "total_variation": denoising,
        "ridge": denoising,
        "pca_1": denoising | samples | {"knn_accuracy"},
        "pca_2": denoising | samples | {"knn_accuracy"},
    }
    assert set().union(*has.values()) <= set(CATALOGUE)
    test = batch(20, 1)
    errors = image_errors(test.noisy, test.clean, SHAPE)
    noisy = found["methods"]["noisy"]["measures"]
    assert {name: noisy[name] for name in errors} == pytest.approx(errors, rel=1e-3)
    assert [found["methods"][n]["chosen"] is None for n in ("noisy", "ridge")] == [True, False]
