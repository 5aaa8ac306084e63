"""Against closed forms, a kept implementation (torchmetrics) and cases worked out by hand."""

import numpy as np
import pytest
import torch
from scipy import linalg
from torch import nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.measures.reference import NEAREST, Reference, draw
from vaepipe.measures.samples import (
    density_and_coverage,
    frechet_distance,
    kernel_distance,
    measure,
    quality,
    sharpness,
)
from vaepipe.measures.subject import Subject
from vaepipe.models.batch import Batch


class AsTheyAre(nn.Module):
    """Images as their own features."""

    num_features = 6

    def forward(self, images):
        return images


@pytest.fixture
def laws():
    """Draws of two normal laws in six dimensions, and these laws."""
    rng = np.random.default_rng(0)
    means = rng.normal(size=(2, 6))
    roots = rng.normal(size=(2, 6, 6))
    draws = [m + rng.standard_normal((400, 6)) @ r.T for m, r in zip(means, roots, strict=True)]
    return draws, means, [root @ root.T for root in roots]


def test_the_frechet_distance_of_two_normal_laws():
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), with scipy's root, of many draws."""
    rng = np.random.default_rng(0)
    means, roots = rng.normal(size=(2, 3)), rng.normal(size=(2, 3, 3))
    a, b = (m + rng.standard_normal((200_000, 3)) @ r.T for m, r in zip(means, roots, strict=True))
    (c1, c2) = (root @ root.T for root in roots)
    root = linalg.sqrtm(c1 @ c2).real
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(c1 + c2 - 2 * root)
    assert frechet_distance(a, Reference(b)) == pytest.approx(expected, rel=0.02)
    assert frechet_distance(a, Reference(a + np.array([3, 0, 4]))) == pytest.approx(25)


def test_distances_agree_with_torchmetrics(laws):
    (a, b), _, _ = laws
    tensors = [torch.tensor(values) for values in (b, a)]
    frechet = FrechetInceptionDistance(AsTheyAre(), input_img_size=(1, 6, 1)).set_dtype(
        torch.float64
    )
    kernel = KernelInceptionDistance(AsTheyAre(), subsets=1, subset_size=400)
    for values, real in zip(tensors, (True, False), strict=True):
        frechet.update(values, real)
        kernel.update(values, real)
    found = quality(a, Reference(b))
    assert found["frechet"] == pytest.approx(frechet.compute().item(), rel=1e-5)
    assert found["kernel_distance"] == pytest.approx(kernel.compute()[0].item(), rel=1e-5)


def test_the_kernel_distance_of_one_law_is_zero_within_its_error():
    rng = np.random.default_rng(0)
    values = [
        kernel_distance(rng.normal(size=(60, 4)), Reference(rng.normal(size=(60, 4))))
        for _ in range(400)
    ]
    error = np.std(values, ddof=1) / 20
    assert abs(np.mean(values)) < 3 * error
    assert min(values) < 0 < max(values)
    far = kernel_distance(rng.normal(size=(60, 4)) + 1, Reference(rng.normal(size=(60, 4))))
    assert far > 20 * error


def test_density_and_coverage_by_hand():
    """Test images at 0, 1, ..., 9: the radius is 5 at the ends, 3 in the middle."""
    reference = Reference(np.arange(10.0)[:, None])
    assert reference.radii.tolist() == [5, 4, 3, 3, 3, 3, 3, 3, 4, 5]
    density, coverage = density_and_coverage(np.array([[-4.0], [100.0]]), reference)
    assert density == pytest.approx(1 / (2 * NEAREST))
    assert coverage == pytest.approx(0.1)


def test_density_and_coverage_of_one_law():
    """Density has a mean of 1; coverage 1 - (n - 1)…(n - k) / ((2n - 1)…(2n - k)).

    Naeem et al. 2020, lemma 1 and 2, for as many samples as test images.
    """
    rng = np.random.default_rng(0)
    n = 40
    found = [
        density_and_coverage(rng.normal(size=(n, 3)), Reference(rng.normal(size=(n, 3))))
        for _ in range(300)
    ]
    density, coverage = np.mean(found, 0)
    missed = np.prod([(n - i) / (2 * n - i) for i in range(1, NEAREST + 1)])
    assert density == pytest.approx(1, abs=0.02)
    assert coverage == pytest.approx(1 - missed, abs=0.01)


class Judge:
    accuracy = 1.0

    def features(self, images):
        return images.double().numpy()


def test_what_is_measured_are_draws_from_the_prior():
    model = linear_model(16, 3, (4, 4))
    clean = torch.rand(30, 16)
    test = Batch(clean, clean, torch.arange(30) % 2)
    settings = {"samples": 20, "seed": 3}
    reference = Reference.of(Judge(), test, 20, 3)
    found = measure(Subject(model, test, test, Judge(), reference, settings))
    drawn = model.sample(20, 3).flatten(1).double().numpy()
    rows = draw(30, 20, 3, "test")
    assert found.pop("sharpness") == pytest.approx(
        sharpness(torch.from_numpy(drawn), (4, 4)) / sharpness(clean, (4, 4))
    )
    assert found == quality(drawn, Reference(clean[rows].double().numpy()))


def test_samples_are_not_sharper_than_images_without_edges():
    model, clean = linear_model(16, 3, (4, 4)), torch.full((30, 16), 0.5)
    test = Batch(clean, clean, torch.arange(30) % 2)
    reference = Reference.of(Judge(), Batch(torch.rand(30, 16), torch.rand(30, 16), clean), 20, 3)
    settings = {"samples": 20, "seed": 3}
    assert measure(Subject(model, test, test, Judge(), reference, settings))["sharpness"] == 0


def test_sharpness_by_hand():
    """Of one white pixel in 4 x 5 the Laplacian is -4 at it, 1 beside it, in the inner 2 x 3."""
    spike = torch.zeros(1, 4, 5)
    spike[0, 1, 2] = 1
    expected = np.var([1, -4, 1, 0, 1, 0], ddof=1)
    assert sharpness(spike.flatten(1), (4, 5)) == pytest.approx(expected)
    assert sharpness(0.5 * spike.flatten(1), (4, 5)) == pytest.approx(expected / 4)
    both = torch.cat([spike, torch.full((1, 4, 5), 0.3)]).flatten(1)
    assert sharpness(both, (4, 5)) == pytest.approx(expected / 2)  # a mean over images


def test_what_has_no_edges_is_not_sharp():
    flat, ramp = torch.full((1, 6, 7), 0.7), torch.arange(7.0).expand(1, 6, 7) / 7
    for images in (flat, ramp):
        assert sharpness(images.flatten(1), (6, 7)) == pytest.approx(0, abs=1e-12)


def test_sharpness_falls_with_each_blur():
    torch.manual_seed(0)
    images, found = torch.rand(5, 1, 20, 12), []
    for _ in range(4):
        found.append(sharpness(images.flatten(1), tuple(images.shape[2:])))
        images = nn.functional.avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)
    assert found == sorted(found, reverse=True) and found[0] > 5 * found[1]


def test_sharpness_of_colour_images_is_the_mean_over_their_channels():
    torch.manual_seed(0)
    images = torch.rand(3, 6, 7, 2) * torch.tensor([1.0, 0.3])
    channels = [sharpness(images[..., i].flatten(1), (6, 7)) for i in range(2)]
    found = sharpness(images.flatten(1), (6, 7, 2))
    assert found == pytest.approx(np.mean(channels))
    assert channels[0] > 5 * channels[1]


def test_images_are_drawn_once_each():
    rows = draw(100, 30, 0, "test")
    assert len(set(rows.tolist())) == 30 and max(rows) < 100
    assert draw(9, 9, 0, "test").tolist() == list(range(9))


@pytest.mark.parametrize("count", [NEAREST, 101])
def test_too_many_or_too_few_samples_name_the_key(count):
    with pytest.raises(
        InputError, match=rf"evaluation\.samples: {count} .* 100 images of the test"
    ):
        draw(100, count, 0, "test")
