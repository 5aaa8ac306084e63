import pytest
import torch
from torch import nn

from vaepipe.core.errors import InputError
from vaepipe.models.bodies import conv


def maps(body: nn.Sequential, start: torch.Tensor) -> list[tuple[int, ...]]:
    """The shapes of one image after each convolution."""
    found = []
    for part in body:
        start = part(start)
        if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d)):
            found.append(tuple(start.shape[1:]))
    return found


@torch.no_grad()
def test_sides_are_halved_down_and_doubled_up():
    encoder, decoder = conv.encoder((28, 28), 4, [32, 64]), conv.decoder(2, (28, 28), 1, [32, 64])
    assert maps(encoder, torch.zeros(1, 784)) == [(32, 14, 14), (64, 7, 7)]
    assert maps(decoder, torch.zeros(1, 2)) == [(64, 14, 14), (32, 28, 28), (1, 28, 28)]
    assert encoder(torch.zeros(3, 784)).shape == (3, 4)
    assert decoder(torch.zeros(3, 2)).shape == (3, 784)
    first = next(part for part in decoder if isinstance(part, nn.ConvTranspose2d))
    assert first.in_channels == 32  # of 7 x 7, as in the tutorial


@torch.no_grad()
def test_colour_images_are_rows_of_pixels_with_channels_last():
    encoder, decoder = conv.encoder((8, 4, 3), 4, [2]), conv.decoder(2, (8, 4, 3), 2, [2])
    images = torch.rand(5, 8, 4, 3)
    kernel = next(part for part in encoder if isinstance(part, nn.Conv2d))
    expected = kernel(images.permute(0, 3, 1, 2))
    assert torch.allclose(encoder[:3](images.flatten(1)), expected, atol=1e-6)
    z = torch.randn(5, 2)
    output = decoder(z)
    assert output.shape == (5, 2 * 8 * 4 * 3)
    first, second = decoder[:-3](z).chunk(2, dim=1)  # (5, 3, 8, 4) each
    assert torch.equal(output[:, :96], first.permute(0, 2, 3, 1).flatten(1))
    assert torch.equal(output[:, 96:], second.permute(0, 2, 3, 1).flatten(1))


def test_weights_begin_uniform_with_the_variance_of_glorot_and_biases_at_0():
    torch.manual_seed(0)
    for body in (conv.encoder((8, 8, 3), 6, [32, 16]), conv.decoder(6, (8, 8, 3), 2, [32, 16])):
        for part in body:
            if isinstance(part, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)):
                into, out = part.weight.shape[:2]
                limit = (6 / ((into + out) * part.weight[0, 0].numel())) ** 0.5
                assert not part.bias.any()
                assert 0.97 * limit < part.weight.abs().max() <= limit
                assert part.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.1)


def test_sides_that_the_strides_do_not_divide_are_named():
    with pytest.raises(InputError, match=r"model\.filters: 3 .* whose sides 8 divides.* 28 x 28"):
        conv.encoder((28, 28), 4, [8, 8, 8])
    with pytest.raises(InputError, match="30 x 32"):
        conv.decoder(2, (30, 32, 3), 1, [8, 8])
