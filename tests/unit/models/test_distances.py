import pytest
import torch

from vaepipe.models import neighbours
from vaepipe.models.distances import nearest, psnr


def test_the_nearest_image_and_how_far_it_is():
    others = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    rows, far = nearest(torch.tensor([[0.1, 0.9], [1.0, 1.0]]), others)
    assert rows.tolist() == [2, 1]
    assert far.tolist() == pytest.approx([0.1, 0.0])


def test_distances_are_root_mean_squares_over_pixels():
    others = torch.tensor([[0.0, 0, 0, 0], [1, 1, 1, 1]])
    _, far = nearest(torch.tensor([[1.0, 1, 1, 0.5], [0.25, 0, 0, 0]]), others)
    assert far.tolist() == pytest.approx([0.25, 0.125])


def test_the_nearest_of_many_is_that_of_all_distances():
    generator = torch.Generator().manual_seed(0)
    images, others = (torch.rand(count, 3072, generator=generator) for count in (40, 300))
    gaps = (images[:, None].double() - others.double()).square().mean(-1).sqrt()
    rows, far = nearest(images, others)
    assert rows.tolist() == gaps.argmin(1).tolist()
    assert far.tolist() == pytest.approx(gaps.amin(1).tolist())


def test_an_image_among_the_others_is_its_own_nearest():
    """Also where sums of squares are large: of 12,288 pixels, a 255th apart."""
    others = (torch.arange(256) / 255)[:, None].repeat(1, 12288)
    rows, far = nearest(others, others)
    assert rows.tolist() == list(range(256)) and not far.any()


def test_images_at_a_time_make_no_difference(monkeypatch):
    images, others = torch.rand(20, 9), torch.rand(30, 9)
    whole = nearest(images, others)
    monkeypatch.setattr(neighbours, "ROWS", 7)
    assert all(torch.allclose(a, b) for a, b in zip(nearest(images, others), whole, strict=True))


def test_psnr_of_equal_images_is_that_of_8_bit_rounding():
    images = torch.rand(2, 256)
    assert psnr(images, images) == pytest.approx(58.92, abs=0.01)
