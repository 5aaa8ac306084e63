import torch
from torch import nn

from vaepipe.models.maps import from_rows, sides, to_rows

IMAGES = torch.arange(2 * 24.0).reshape(2, 24)


def test_a_convolution_sees_each_colour_as_a_plane():
    planes = nn.Sequential(*from_rows(*sides((2, 4, 3))))(IMAGES)
    assert planes.shape == (2, 3, 2, 4)
    assert torch.equal(planes[1, 2], IMAGES[1].reshape(2, 4, 3)[:, :, 2])
    grey = nn.Sequential(*from_rows(*sides((6, 4))))(IMAGES)
    assert torch.equal(grey, IMAGES.reshape(2, 1, 6, 4))


def test_rows_come_back():
    assert torch.equal(nn.Sequential(*from_rows(2, 4, 3), *to_rows(1, 3))(IMAGES), IMAGES)
