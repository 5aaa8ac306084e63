import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from vaepipe.figures import pictures
from vaepipe.figures.pictures import middles, square
from vaepipe.figures.style import tile


def test_square_takes_whole_rows_from_the_front():
    assert square(np.arange(11)[:, None]).squeeze().tolist() == [
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
    ]


def test_middles_are_those_of_tiled_images():
    images = np.zeros((1, 3, 2 * 5), np.uint8)
    images.reshape(1, 3, 2, 5)[..., 2] = 1  # the middle column of each
    assert middles(3, 5).tolist() == np.flatnonzero(tile(images, (2, 5))[0]).tolist()


def test_rows_and_columns_of_a_grid_are_named_at_their_middles(monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "save_cropped", lambda figure, path: drawn.append(figure))
    rows = {"clean": np.zeros((3, 140), np.uint8), "noisy": np.zeros((3, 140), np.uint8)}
    look = {"colormap": "gray_r", "width": 16.0}
    pictures.labelled_grid(None, "ABC", rows, (10, 14), look)
    (ax,) = drawn[0].axes
    assert [text.get_text() for text in ax.get_xticklabels()] == ["A", "B", "C"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["clean", "noisy"]
    assert ax.get_xticks().tolist() == middles(3, 14).tolist() == [6.5, 21.5, 36.5]
    assert ax.get_yticks().tolist() == middles(2, 10).tolist() == [4.5, 15.5]


def embedded(svg: str) -> np.ndarray:
    """The one image in an SVG file, uint8 (rows, columns, 3)."""
    (content,) = re.findall(r'href="data:image/png;base64,\s*([^"]+)"', svg)
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(content))).convert("RGB"))


def test_a_labelled_grid_of_colour_images_holds_their_colours(tmp_path):
    generator = np.random.default_rng(0)
    rows = {
        name: generator.integers(0, 256, (3, 10 * 14 * 3), dtype=np.uint8) for name in ("a", "b")
    }
    look = {"colormap": "gray_r", "width": 16.0}
    pictures.labelled_grid(tmp_path / "x.svg", "ABC", rows, (10, 14, 3), look)
    drawn = embedded((tmp_path / "x.svg").read_text())
    assert drawn.shape == (21, 44, 3)
    assert (drawn == tile(np.stack(list(rows.values())), (10, 14, 3))).all()


def test_examples_in_colour(monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure))
    images = np.arange(2 * 18, dtype=np.uint8).reshape(2, 18)
    pictures.examples(None, [images], "ab", (2, 3, 3), {"colormap": "gray_r", "width": 16.0})
    for ax, vector in zip(drawn[0].axes, images, strict=True):
        (shown,) = ax.get_images()
        assert (shown.get_array() == vector.reshape(2, 3, 3)).all()


@pytest.mark.parametrize("shape", [[32], [32, 0], [14, 28, 2], [28, 28, 1], [4, 8, 8, 3]])
def test_shapes_of_no_image_are_refused(shape):
    form = TypeAdapter(pictures.Shape)
    for good in ([10, 14], [32, 32, 3]):
        assert form.validate_python(good) == good
    with pytest.raises(ValidationError):
        form.validate_python(shape)


@pytest.mark.parametrize(("names", "degrees"), [(["cat", "dog"], 0), (["cat", "ship"], 45)])
def test_words_above_the_columns_of_a_grid_are_slanted_away_from_it(monkeypatch, names, degrees):
    drawn = []
    monkeypatch.setattr(pictures, "save_cropped", lambda figure, path: drawn.append(figure))
    look = {"colormap": "gray", "width": 16.0}
    pictures.labelled_grid(None, names, {"clean": np.zeros((2, 140), np.uint8)}, (10, 14), look)
    labels = drawn[0].axes[0].get_xticklabels()
    assert [label.get_rotation() for label in labels] == [degrees] * 2
    assert {label.get_ha() for label in labels} == {"left" if degrees else "center"}


def test_words_above_examples_have_more_room(monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure))
    names = ["airplane", "automobile", *(f"c{index}" for index in range(9))]
    pictures.examples(None, [np.zeros((11, 6))], names, (2, 3), {"colormap": "gray", "width": 16.0})
    (figure,) = drawn
    figure.draw_without_rendering()
    boxes = [ax.title.get_window_extent() for ax in figure.axes[:2]]
    assert figure.get_figwidth() == pytest.approx(16 / 2.54)
    assert len(figure.axes) == 20
    assert boxes[0].x1 < boxes[1].x0


@pytest.mark.parametrize(("count", "rows"), [(3, 1), (13, 1), (15, 2)])
@pytest.mark.parametrize("versions", [1, 2, 3])
def test_versions_of_an_example_stand_in_a_column_under_its_class(
    monkeypatch, count, rows, versions
):
    drawn = []
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure))
    names = [f"c{index}" for index in range(count)]
    images = [np.arange(count * 6).reshape(count, 6) + 100 * v for v in range(versions)]
    look = {"colormap": "gray_r", "width": 16.0}
    pictures.examples(None, images, names, (2, 3), look)
    (figure,) = drawn
    plt.close(figure)
    columns = min(13, count)
    axes = np.reshape(figure.axes, (rows, versions, columns))
    for index, name in enumerate(names):
        column = axes[index // columns, :, index % columns]
        assert [ax.get_title() for ax in column] == [name] + [""] * (versions - 1)
        for version, ax in enumerate(column):
            (shown,) = ax.get_images()
            assert (shown.get_array() == images[version][index].reshape(2, 3)).all()
    empty = axes.transpose(0, 2, 1).reshape(-1, versions)[count:]
    assert not any(ax.get_images() or ax.axison for ax in empty.ravel())
    assert figure.get_figwidth() == pytest.approx(16 * columns / 13 / 2.54)
