import pytest
import torch
from torch import nn

from vaepipe.core.errors import InputError
from vaepipe.models.bodies import pool


def maps(body: nn.Sequential, start: torch.Tensor) -> list[tuple[int, ...]]:
    """The shapes of one image after each convolution, pooling and upsampling."""
    found = []
    for part in body:
        start = part(start)
        if isinstance(part, (nn.Conv2d, nn.MaxPool2d, nn.Upsample)):
            found.append(tuple(start.shape[1:]))
    return found


@torch.no_grad()
def test_sides_are_halved_by_poolings_and_doubled_before_convolutions():
    encoder, decoder = pool.encoder((28, 28), 4, [32, 64]), pool.decoder(2, (28, 28), 1, [32, 64])
    down = [(32, 28, 28), (32, 14, 14), (64, 14, 14), (64, 7, 7)]
    assert maps(encoder, torch.zeros(1, 784)) == down
    up = [(64, 14, 14), (32, 14, 14), (32, 28, 28), (1, 28, 28)]
    assert maps(decoder, torch.zeros(1, 2)) == up
    assert encoder(torch.zeros(3, 784)).shape == (3, 4)
    assert decoder(torch.zeros(3, 2)).shape == (3, 784)


@torch.no_grad()
def test_the_largest_of_four_stands_for_them_and_each_is_repeated_fourfold():
    encoder, decoder = pool.encoder((4, 6), 3, [2]), pool.decoder(3, (4, 6), 1, [2])
    start = torch.rand(5, 24)
    rectified = encoder[:3](start).relu().numpy()
    largest = rectified.reshape(5, 2, 2, 2, 3, 2).max((3, 5))
    assert (encoder[:5](start).numpy() == largest).all() and rectified.min() == 0
    place = next(i for i, part in enumerate(decoder) if isinstance(part, nn.Upsample))
    small = decoder[:place](torch.randn(5, 3)).numpy()
    repeated = small.repeat(2, axis=2).repeat(2, axis=3)
    assert (decoder[place](torch.tensor(small)).numpy() == repeated).all()
    assert small.min() == 0 < small.max()  # a ReLU lies between


@torch.no_grad()
def test_colour_images_are_rows_of_pixels_with_channels_last():
    encoder, decoder = pool.encoder((8, 4, 3), 4, [2]), pool.decoder(2, (8, 4, 3), 2, [2])
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
    for body in (pool.encoder((8, 8, 3), 6, [32, 16]), pool.decoder(6, (8, 8, 3), 2, [32, 16])):
        for part in body:
            if isinstance(part, (nn.Conv2d, nn.Linear)):
                into, out = part.weight.shape[:2]
                limit = (6 / ((into + out) * part.weight[0, 0].numel())) ** 0.5
                assert not part.bias.any()
                assert 0.97 * limit < part.weight.abs().max() <= limit
                assert part.weight.std().item() == pytest.approx(limit / 3**0.5, rel=0.1)


def test_gradients_are_the_same_bytes_again_by_permitted_algorithms():
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        torch.manual_seed(0)
        encoder, decoder = pool.encoder((28, 28), 2, [4, 8]), pool.decoder(2, (28, 28), 1, [4, 8])
        weights = [*encoder.parameters(), *decoder.parameters()]
        images = torch.rand(20, 784)
        first, second = (
            torch.autograd.grad((decoder(encoder(images)) - images).square().sum(), weights)
            for _ in range(2)
        )
    finally:
        torch.use_deterministic_algorithms(before)
    assert all(torch.equal(one, other) for one, other in zip(first, second, strict=True))
    assert all(gradient.any() for gradient in first)


def test_sides_that_the_poolings_do_not_divide_are_named():
    with pytest.raises(InputError, match=r"3 poolings .* whose sides 8 divides.* 28 x 28"):
        pool.encoder((28, 28), 4, [8, 8, 8])
    with pytest.raises(InputError, match="30 x 32"):
        pool.decoder(2, (30, 32, 3), 1, [8, 8])
