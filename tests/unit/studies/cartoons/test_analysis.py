import math

import numpy as np
import pytest
import torch
from unit.toys import config

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model, build_likelihood, build_network
from vaepipe.studies.cartoons.analysis import (
    MEASURED,
    analyse,
    distances,
    interpolate,
    lie_between,
    pairs_of,
)
from vaepipe.studies.cartoons.figures import AXES

PARTS = torch.linspace(0, 1, 5)
SETTINGS = {
    "deviations": [0.5, 1.0],
    "prior_samples": 4,
    "pictures": 2,
    "pairs": 6,
    "steps": 5,
    "draws": [1, 4, 64],
    "repeats": 30,
    "images": 5,
    "seed": 0,
}
SHAPE = (4, 4)


@pytest.fixture
def batch() -> Batch:
    torch.manual_seed(0)
    images = torch.rand(12, 16)
    return Batch(images, images, torch.zeros(12, dtype=torch.int64))


@pytest.fixture
def models() -> list[Model]:
    settings = config() | {"shape": list(SHAPE)}
    torch.manual_seed(0)
    return [
        Model(build_network(settings).eval(), build_likelihood(settings), SHAPE) for _ in range(2)
    ]


def test_linear_interpolation_keeps_to_the_line_and_spherical_to_the_arc():
    torch.manual_seed(0)
    one, other = torch.randn(2, 40, 7, dtype=torch.double)
    parts = PARTS.double()
    line, arc = (interpolate(one, other, parts, way) for way in ("linear", "spherical"))
    for way in (line, arc):
        assert torch.allclose(way[:, 0], one) and torch.allclose(way[:, -1], other)
    assert torch.allclose(line[:, 2], (one + other) / 2)
    same = one * other.norm(dim=1, keepdim=True) / one.norm(dim=1, keepdim=True)
    arc = interpolate(same, other, parts, "spherical")
    assert torch.allclose(arc.norm(dim=-1), other.norm(dim=1)[:, None].expand(40, 5))
    cosines = torch.cosine_similarity(arc[:, 1:], arc[:, :-1], dim=-1)
    assert torch.allclose(cosines, cosines[:, :1].expand(40, 4))  # equal angles


def test_the_arc_between_ends_of_one_direction_is_the_line():
    one = torch.tensor([[3.0, 0.0], [1.0, 2.0]])
    for other in (one, 2 * one, -one):
        arc = interpolate(one, other, PARTS, "spherical")
        assert torch.equal(arc, interpolate(one, other, PARTS, "linear"))


def test_a_mixture_lies_on_the_line_and_between_its_ends():
    torch.manual_seed(0)
    first, last = torch.rand(2, 8, 1, 16)
    way = torch.lerp(first, last, PARTS[:, None])
    near, far, aside, at, _ = distances(way, way[:, 0], SHAPE)
    assert near.tolist() == pytest.approx([0, 0.25, 0.5, 0.75, 1], abs=1e-6)
    assert far.tolist() == pytest.approx([1, 0.75, 0.5, 0.25, 0], abs=1e-6)
    assert aside.abs().max() < 1e-6
    assert at[0] < 1e-3 < at[1]
    assert lie_between(way[:, 2], way) == 1


def test_what_leaves_the_line_is_aside_of_it_and_not_between():
    way = torch.zeros(1, 3, 16)
    way[0, 2, 0] = 2.0  # the ends are 0.5 apart in root mean square
    way[0, 1, :2] = torch.tensor([1.0, 3.0])
    near, far, aside, *_ = distances(way, torch.zeros(1, 16), SHAPE)
    assert near[1] == far[1] == pytest.approx(math.sqrt(10) / 2)
    assert aside[1] == pytest.approx(1.5)
    assert lie_between(way[:, 1], way) == 0
    way[0, 1, :2] = torch.tensor([-1.0, 0])  # beyond an end, from which it is measured
    assert distances(way, torch.zeros(1, 16), SHAPE)[2, 1] == pytest.approx(0.5)


def test_one_image_may_lie_between_the_ends_of_many_ways():
    way = torch.zeros(3, 3, 16)
    way[0, 2], way[1, 2], way[2, 0], way[2, 2] = 2.0, 0.5, 5.0, 6.0
    assert lie_between(torch.ones(1, 16), way) == pytest.approx(1 / 3)  # of 0 and 2 alone


def test_ends_that_are_decoded_alike_have_no_distances():
    way = torch.ones(3, 3, 16)
    found = distances(way, torch.zeros(1, 16), SHAPE)
    assert found[:3].abs().max() == 0 and found[3].tolist() == pytest.approx([1, 1, 1])
    assert len(found) == len(MEASURED)


def test_pairs_are_of_different_images():
    pairs = pairs_of(3, 500, torch.Generator().manual_seed(0))
    assert (pairs[:, 0] != pairs[:, 1]).all()
    assert len({tuple(pair) for pair in pairs.tolist()}) == 6


def test_an_analysis_has_what_its_figures_are_drawn_from(models, batch):
    arrays, facts = analyse(models, batch, batch, Kind(SHAPE, ("A",), ""), SETTINGS)
    assert arrays.keys() == AXES.keys()
    for name, axes in AXES.items():
        assert arrays[name].ndim == len(axes), name
    assert arrays["linear"].shape == (2, 5, 16) and arrays["linear"].dtype == np.uint8
    assert arrays["blend_way"].shape == (2, 5, 5)
    assert arrays["sharpness"].shape == (2, 2)
    # the very image of an end is a training image here, so that it is the decoder that is far
    assert facts["data_nearest"] == 0
    assert np.array_equal(arrays["linear_way"][..., [0, -1]], arrays["blend_way"][..., [0, -1]])
    assert (arrays["norms"][:, 0] < arrays["norms"][:, 1]).all()


def test_estimates_near_the_reconstruction_as_one_over_the_root_of_draws(models, batch):
    arrays, facts = analyse(models, batch, batch, Kind(SHAPE, ("A",), ""), SETTINGS)
    errors = np.sqrt(((arrays["estimates"] - facts["reconstruction"]) ** 2).mean(1))
    assert 5 < errors[0] / errors[2] < 13
    assert abs(arrays["estimates"][2].mean() - facts["reconstruction"]) < errors[2]


def test_samples_of_half_the_deviation_come_from_half_the_latents(models, batch):
    arrays, _ = analyse(models, batch, batch, Kind(SHAPE, ("A",), ""), SETTINGS)
    z = torch.randn(4, 2, generator=torch.Generator().manual_seed(0))
    for row, deviation in enumerate(SETTINGS["deviations"]):
        expected = (255 * models[0].decode_pixels(deviation * z)).round()
        assert np.array_equal(arrays["prior_samples"][row], expected.numpy().astype(np.uint8))


def test_too_few_test_images_are_told(models, batch):
    with pytest.raises(InputError, match=r"analysis\.images: 99 are asked for, .* 12 test images"):
        analyse(models, batch, batch, Kind(SHAPE, ("A",), ""), SETTINGS | {"images": 99})
