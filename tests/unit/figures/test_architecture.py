from itertools import combinations, pairwise

import pytest
from pydantic import TypeAdapter, ValidationError

from vaepipe.figures import architecture
from vaepipe.figures.architecture import (
    Box,
    Layers,
    LayersOfAnyKind,
    boxes,
    convolutional_decoder,
    of_part,
    summary,
)

LOOK = {"colormap": "gray_r", "width": 16.0}


def layer(part, kind, before, after, parameters=0, settings=None) -> dict:
    return {
        "part": part,
        "kind": kind,
        "settings": settings,
        "input": before,
        "output": after,
        "parameters": parameters,
    }


def convolution(stride=2, padding=1, output_padding=0) -> dict:
    stated = {"kernel_size": 4, "stride": stride, "output_padding": output_padding}
    return {name: [of, of] for name, of in stated.items()} | {
        "padding": padding if isinstance(padding, str) else [padding, padding]
    }


DECODER = [
    layer("decoder", "Linear", [1000], [256], 256_256),
    layer("decoder", "LeakyReLU", [256], [256]),
    layer("decoder", "Unflatten", [256], [64, 2, 2]),
    layer(
        "decoder", "ConvTranspose2d", [64, 2, 2], [128, 112, 112], 1_179_648, convolution(56, 1, 2)
    ),
    layer("decoder", "LeakyReLU", [128, 112, 112], [128, 112, 112]),
    layer("decoder", "ConvTranspose2d", [128, 112, 112], [3, 224, 224], 6147, convolution()),
    layer("decoder", "Permute", [3, 224, 224], [224, 224, 3]),
    layer("decoder", "Flatten", [224, 224, 3], [150_528]),
]
CONVOLUTIONAL = [
    layer("encoder", "Unflatten", [150_528], [3, 224, 224]),
    layer("encoder", "Conv2d", [3, 224, 224], [1, 112, 112], 1, convolution(padding="same")),
    layer("encoder", "ReLU", [1, 112, 112], [1, 112, 112]),
    layer("encoder", "Flatten", [1, 112, 112], [12_544]),
    layer("encoder", "Linear", [12_544], [2000], 25_090_000),
    *DECODER,
]


def fully_connected(depth=4) -> list[dict]:
    widths = [784, *[300] * (depth - 1)]
    encoder = [
        of
        for before, after in pairwise(widths)
        for of in (
            layer("encoder", "Linear", [before], [after], after * (before + 1)),
            layer("encoder", "ReLU", [after], [after]),
        )
    ]
    return [
        *encoder,
        layer("encoder", "Linear", [widths[-1]], [40], 12_040),
        layer("decoder", "Linear", [20], [784], 16_464),
    ]


AUTOENCODER = [layer("encoder", "Linear", [150_528], [1000], 9), *DECODER]
CLASSIFIER = [
    *CONVOLUTIONAL[:4],
    layer("encoder", "Linear", [12_544], [16], 200_720),
    layer("encoder", "ReLU", [16], [16]),
    layer("encoder", "Linear", [16], [10], 170),
]


@pytest.fixture
def drawn(monkeypatch):
    """The figures, in the place of their files."""
    figures = []
    monkeypatch.setattr(architecture, "save", lambda figure, path: figures.append(figure))
    return figures


def texts(figure) -> list:
    return [text for text in figure.axes[0].texts if text.get_text()]


def test_what_keeps_the_shape_joins_the_layer_before():
    assert boxes(of_part(fully_connected(3), "encoder")) == [
        Box("Linear + ReLU", "300", (), "235\u202f500 parameters"),
        Box("Linear + ReLU", "300", (), "90\u202f300 parameters"),
        Box("Linear", "40", (), "12\u202f040 parameters"),
    ]
    norm = layer("encoder", "BatchNorm1d", [300], [300], 600)
    assert [box.name for box in boxes([*fully_connected(2)[:2], norm])] == [
        "Linear + ReLU",
        "BatchNorm1d",
    ]


def test_a_convolution_has_its_settings_below_its_name():
    assert boxes(of_part(CONVOLUTIONAL, "encoder"))[:2] == [
        Box("Unflatten", "3 × 224 × 224"),
        Box("Conv2d + ReLU", "1 × 112 × 112", ("4 × 4, stride 2, padding same",), "1 parameter"),
    ]
    found = boxes(of_part(CONVOLUTIONAL, "decoder"))[2]
    assert found.settings == ("4 × 4, stride 56, padding 1", "output padding 2")
    assert [found.lines[0][1], found.lines[1][1]] == [
        "128 × 112 × 112",
        "1\u202f179\u202f648 parameters",
    ]
    uneven = convolution() | {"stride": [2, 1]}
    (box,) = boxes([layer("encoder", "Conv2d", [1, 8, 8], [1, 4, 7], 9, uneven)])
    assert box.settings == ("4 × 4, stride 2 × 1, padding 1",)


@pytest.mark.parametrize(
    ("layers", "width"),
    [(fully_connected(), 16), (CONVOLUTIONAL, 16), (AUTOENCODER, 16), (CLASSIFIER, 7.7)],
    ids=["mlp", "conv", "autoencoder", "classifier"],
)
def test_no_text_meets_another_or_leaves_the_page(drawn, layers, width):
    architecture.chart(None, layers, (28, 28), LOOK)
    (figure,) = drawn
    figure.draw_without_rendering()
    found = [text.get_window_extent() for text in texts(figure)]
    assert len(found) > 15
    assert all(figure.bbox.x0 <= of.x0 and of.x1 <= figure.bbox.x1 for of in found)
    assert not [pair for pair in combinations(found, 2) if pair[0].overlaps(pair[1])]
    assert min(text.get_fontsize() for text in texts(figure)) >= 7
    assert figure.get_figwidth() == pytest.approx(width / 2.54)


def test_a_chart_says_every_layer_the_latents_and_the_total(drawn):
    architecture.chart(None, fully_connected(), (28, 28), LOOK)
    shown = [text.get_text() for text in texts(drawn[0])]
    assert shown.count("Linear + ReLU") == 3 and shown.count("Linear") == 2
    assert shown.count("image 28 × 28") == 2
    assert shown.count("20") == 3  # the mean, the log variance, z
    assert "Encoder, 428\u202f140 parameters" in shown
    assert "Decoder, 16\u202f464 parameters" in shown
    assert shown[-1] == "444\u202f604 parameters in all"


def test_the_encoder_of_an_autoencoder_ends_in_the_latents(drawn):
    architecture.chart(None, AUTOENCODER, (224, 224, 3), LOOK)
    shown = [text.get_text() for text in texts(drawn[0])]
    assert shown.count("latents $z$") == 1 and shown.count("image 224 × 224 × 3") == 2
    assert not [text for text in shown if "sigma" in text]
    assert shown[-1] == "1\u202f442\u202f060 parameters in all"


def test_a_classifier_ends_in_its_classes(drawn):
    architecture.chart(None, CLASSIFIER, (224, 224, 3), LOOK)
    found = texts(drawn[0])
    shown = [text.get_text() for text in found]
    assert shown.count("probability of each class") == 1 and shown.count("10") == 2
    assert "Encoder, 200\u202f891 parameters" in shown
    assert not [text for text in shown if text.startswith("Decoder") or "sigma" in text]
    heights = {text.get_text(): text.get_position()[1] for text in found}
    order = ["image 224 × 224 × 3", "Linear + ReLU", "Linear", "probability of each class"]
    assert [heights[of] for of in order] == sorted((heights[of] for of in order), reverse=True)


def test_numbers_that_are_no_image_are_not_called_one(drawn):
    layers = [layer("encoder", "Linear", [6], [4], 28), layer("decoder", "Linear", [2], [12], 36)]
    architecture.chart(None, layers, (2, 3), LOOK)
    shown = [text.get_text() for text in texts(drawn[0])]
    assert shown.count("image 2 × 3") == 1 and "2 numbers a value of the image" in shown


def test_the_decoder_stands_from_z_upwards(drawn):
    architecture.chart(None, CONVOLUTIONAL, (224, 224, 3), LOOK)
    heights = {text.get_text(): text.get_position()[1] for text in texts(drawn[0])}
    upwards = [r"mean $\mu$", *(box.name for box in boxes(DECODER)), "image 224 × 224 × 3"]
    downwards = ["Conv2d + ReLU", "Linear", r"mean $\mu$"]
    for order in (upwards, downwards[::-1]):
        assert [heights[name] for name in order] == sorted(heights[name] for name in order)


def test_what_is_too_high_for_a_page_is_drawn_smaller(drawn):
    architecture.chart(None, fully_connected(40), (28, 28), LOOK)
    assert drawn[0].get_figheight() * 2.54 <= 18.0 + 1e-9


def test_charts_are_the_same_byte_for_byte(tmp_path):
    for name in ("a.svg", "b.svg"):
        architecture.chart(tmp_path / name, CONVOLUTIONAL, (224, 224, 3), LOOK)
    first = (tmp_path / "a.svg").read_bytes()
    assert first == (tmp_path / "b.svg").read_bytes() and b"<svg" in first


def test_what_is_asked_of_a_convolutional_decoder():
    expected = {"transposed_input": [64, 2, 2], "last_layer": "ConvTranspose2d", "filters": 3}
    assert convolutional_decoder(CONVOLUTIONAL) == expected
    dense = layer("decoder", "Linear", [150_528], [9], 10)
    found = convolutional_decoder([*CONVOLUTIONAL, dense])
    assert (found["last_layer"], found["filters"]) == ("Linear", None)
    assert convolutional_decoder(fully_connected()) is None


def test_a_summary_counts_each_part():
    assert summary(fully_connected()) == {
        "encoder": 428_140,
        "decoder": 16_464,
        "convolutional_decoder": None,
    }
    assert summary(CLASSIFIER) == {
        "encoder": 200_891,
        "decoder": 0,
        "convolutional_decoder": None,
    }


@pytest.mark.parametrize(
    "layers",
    [[], DECODER, CONVOLUTIONAL[::-1], [*CONVOLUTIONAL[:-8], fully_connected()[-1]]],
    ids=["none", "no encoder", "upside down", "other latents"],
)
def test_what_is_no_vae_is_refused(layers):
    TypeAdapter(Layers).validate_python(CONVOLUTIONAL)
    with pytest.raises(ValidationError):
        TypeAdapter(Layers).validate_python(layers)


def test_models_of_any_kind_have_layers():
    for layers in (CONVOLUTIONAL, AUTOENCODER, CLASSIFIER):
        TypeAdapter(LayersOfAnyKind).validate_python(layers)
    for layers in (AUTOENCODER, CLASSIFIER):
        with pytest.raises(ValidationError):
            TypeAdapter(Layers).validate_python(layers)


@pytest.mark.parametrize(
    "layers",
    [[], DECODER, AUTOENCODER[::-1], [*CONVOLUTIONAL[:-8], fully_connected()[-1]]],
    ids=["none", "no encoder", "upside down", "other latents"],
)
def test_what_is_of_no_kind_is_refused(layers):
    with pytest.raises(ValidationError):
        TypeAdapter(LayersOfAnyKind).validate_python(layers)


def test_a_row_of_maps_has_what_changes_and_the_layers_that_give_it():
    found = architecture.maps(of_part(CONVOLUTIONAL, "encoder"))
    assert found == [
        architecture.Map((3, 224, 224), ()),
        architecture.Map((1, 112, 112), ("Conv2d", "ReLU")),
        architecture.Map((2000,), ("Linear",)),
    ]
    found = architecture.maps(of_part(CONVOLUTIONAL, "decoder"))
    assert [of.shape for of in found] == [(1000,), (64, 2, 2), (128, 112, 112), (3, 224, 224)]
    assert found[1].layers == ("Linear", "LeakyReLU")


def test_maps_are_drawn_with_true_sides(monkeypatch):
    drawn, blocks = [], []
    monkeypatch.setattr(architecture, "save", lambda figure, path: drawn.append(figure))
    block = architecture.Pen.block
    monkeypatch.setattr(
        architecture.Pen, "block", lambda pen, *given: (blocks.append(given), block(pen, *given))
    )
    encoder = of_part(CONVOLUTIONAL, "encoder")
    architecture.row_of_maps(None, encoder, (224, 224, 3), LOOK)
    (image, maps, *rest) = blocks
    assert image[2] == image[3] == 2 * maps[2] == 2 * maps[3]
    assert image[4] > maps[4] > 0 == rest[0][4]
    texts = [text.get_text() for text in drawn[0].axes[0].texts]
    assert "3 × 224 × 224" in texts and "ReLU" in texts
