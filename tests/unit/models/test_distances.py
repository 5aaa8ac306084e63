import pytest
import torch

from vaepipe.models import distances
from vaepipe.models.distances import nearest, psnr


def test_the_nearest_image_and_how_far_it_is():
    others = torch.tensor([[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    rows, far = nearest(torch.tensor([[0.1, 0.9], [1.0, 1.0]]), others)
    assert rows.tolist() == [2, 1]
    assert far.tolist() == pytest.approx([0.1, 0.0])


def test_images_at_a_time_make_no_difference(monkeypatch):
    images, others = torch.rand(20, 9), torch.rand(30, 9)
    whole = nearest(images, others)
    monkeypatch.setattr(distances, "BLOCK", 7)
    assert all(torch.allclose(a, b) for a, b in zip(nearest(images, others), whole, strict=True))


def test_psnr_of_equal_images_is_that_of_8_bit_rounding():
    images = torch.rand(2, 256)
    assert psnr(images, images) == pytest.approx(58.92, abs=0.01)
