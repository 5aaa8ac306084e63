import torch

from vaepipe.models.bodies import mlp


def test_body_has_the_layers_of_the_reference():
    hidden = [392, 196, 100]
    encoder = mlp.encoder((28, 28), 40, hidden, "relu")
    decoder = mlp.decoder(20, (28, 28), 1, hidden, "relu")
    shapes = [tuple(p.shape) for p in encoder.parameters() if p.ndim > 1]
    assert shapes == [(392, 784), (196, 392), (100, 196), (40, 100)]
    shapes = [tuple(p.shape) for p in decoder.parameters() if p.ndim > 1]
    assert shapes == [(100, 20), (196, 100), (392, 196), (784, 392)]
    assert [type(layer).__name__ for layer in encoder] == ["Linear", "ReLU"] * 3 + ["Linear"]
    assert [type(layer).__name__ for layer in decoder] == ["Linear", "ReLU"] * 3 + ["Linear"]


def test_images_need_not_be_square():
    encoder, decoder = mlp.encoder((2, 3), 4, [5], "relu"), mlp.decoder(2, (2, 3), 1, [5], "relu")
    assert encoder(torch.zeros(7, 6)).shape == (7, 4)
    assert decoder(torch.zeros(7, 2)).shape == (7, 6)


def test_the_decoder_gives_as_many_outputs_of_each_pixel_as_are_asked_for():
    assert mlp.decoder(2, (2, 3), 2, [5], "tanh")(torch.zeros(7, 2)).shape == (7, 12)


def test_the_activation_is_the_one_that_is_named():
    between = list(mlp.encoder((2, 2), 4, [3, 3], "tanh"))[1::2]
    assert [type(part).__name__ for part in between] == ["Tanh", "Tanh"]
