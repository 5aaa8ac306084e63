import numpy as np

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
    monkeypatch.setattr(pictures, "save", lambda figure, path: drawn.append(figure))
    rows = {"clean": np.zeros((3, 140), np.uint8), "noisy": np.zeros((3, 140), np.uint8)}
    look = {"colormap": "gray_r", "width": 16.0}
    pictures.labelled_grid(None, "ABC", rows, (10, 14), look)
    (ax,) = drawn[0].axes
    assert [text.get_text() for text in ax.get_xticklabels()] == ["A", "B", "C"]
    assert [text.get_text() for text in ax.get_yticklabels()] == ["clean", "noisy"]
    assert ax.get_xticks().tolist() == middles(3, 14).tolist() == [6.5, 21.5, 36.5]
    assert ax.get_yticks().tolist() == middles(2, 10).tolist() == [4.5, 15.5]
