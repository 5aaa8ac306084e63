import torch

from vaepipe.models.bodies import mlp


def test_body_has_the_layers_of_the_reference():
    hidden = [392, 196, 100]
    encoder, decoder = mlp.encoder((28, 28), 40, hidden), mlp.decoder(20, (28, 28), hidden)
    shapes = [tuple(p.shape) for p in encoder.parameters() if p.ndim > 1]
    assert shapes == [(392, 784), (196, 392), (100, 196), (40, 100)]
    shapes = [tuple(p.shape) for p in decoder.parameters() if p.ndim > 1]
    assert shapes == [(100, 20), (196, 100), (392, 196), (784, 392)]
    assert [type(layer).__name__ for layer in encoder] == ["Linear", "ReLU"] * 3 + ["Linear"]
    assert [type(layer).__name__ for layer in decoder] == ["Linear", "ReLU"] * 3 + ["Linear"]


def test_images_need_not_be_square():
    encoder, decoder = mlp.encoder((2, 3), 4, [5]), mlp.decoder(2, (2, 3), [5])
    assert encoder(torch.zeros(7, 6)).shape == (7, 4)
    assert decoder(torch.zeros(7, 2)).shape == (7, 6)
