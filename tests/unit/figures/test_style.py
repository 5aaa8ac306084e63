import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from vaepipe.figures import style


def test_tile_lays_images_out_in_rows():
    images = np.arange(1, 7, dtype=np.uint8).reshape(3, 2, 1) * np.ones(4, np.uint8)
    sheet = style.tile(images, (2, 2), gap=1)
    assert sheet.shape == (8, 5)
    assert sheet[0].tolist() == [1, 1, 0, 2, 2]
    assert sheet[2].tolist() == [0] * 5
    assert sheet[7].tolist() == [5, 5, 0, 6, 6]


def test_image_of_a_vector():
    assert style.image(np.arange(6), (2, 3)).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_line_styles_differ():
    styles = {tuple(style.line_style(i).items()) for i in range(28)}
    assert len(styles) == 28


def test_a_high_picture_leaves_room_for_its_caption():
    figure, _ = style.new_picture(np.zeros((280, 28), np.uint8), 16.0, 2.0, "gray")
    assert figure.get_figheight() <= (style.TALLEST + 2.0) * style.CM + 1e-9


def test_images_that_are_not_square_are_tiled():
    images = np.arange(4 * 10 * 14, dtype=np.uint8).reshape(2, 2, 140)
    sheet = style.tile(images, (10, 14))
    assert sheet.shape == (21, 29)
    assert (sheet[11:, 15:] == images[1, 1].reshape(10, 14)).all()
    assert (sheet[10] == 0).all() and (sheet[:, 14] == 0).all()


@pytest.mark.parametrize(("dtype", "white"), [(np.uint8, 255), (np.float32, 1)])
def test_colour_images_are_tiled_on_white(dtype, white):
    images = np.zeros((1, 2, 2 * 3 * 3), dtype)
    red, mixed = images.reshape(2, 2, 3, 3)
    red[..., 0] = white
    mixed[1, 2] = (0, white, white)
    sheet = style.tile(images, (2, 3, 3))
    assert sheet.shape == (2, 7, 3)
    assert sheet.dtype == dtype
    assert (sheet[:, :3] == (white, 0, 0)).all()
    assert (sheet[:, 3] == white).all()
    assert (sheet[:, 4:] == mixed).all()
    assert sheet[1, 6].tolist() == [0, white, white]


def test_rows_of_colour_images_are_apart():
    images = np.arange(2 * 3 * 10 * 14 * 3).astype(np.uint8).reshape(2, 3, -1)
    sheet = style.tile(images, (10, 14, 3), gap=2)
    assert sheet.shape == (22, 46, 3)
    assert (sheet[12:, 16:30] == images[1, 1].reshape(10, 14, 3)).all()
    assert (sheet[10:12] == 255).all()
    assert (sheet[:, 30:32] == 255).all()


@pytest.mark.parametrize("bytes_", [True, False])
def test_colours_are_shown_as_they_are_whatever_the_colormap(bytes_):
    vector = np.array([255, 0, 0, 0, 255, 255], np.uint8)
    _, ax = style.new_figure(4, 4)
    style.show(vector if bytes_ else vector / np.float32(255), (1, 2, 3), ax, "gray_r")
    (shown,) = ax.images
    drawn = shown.to_rgba(shown.get_array(), bytes=True)
    assert drawn[..., :3].tolist() == [[[255, 0, 0], [0, 255, 255]]]
    assert not ax.axison


def test_a_picture_in_colour_has_the_sides_of_a_grey_one():
    sizes = []
    for shape in ((64, 96), (64, 96, 3)):
        figure, _ = style.new_picture(np.zeros(shape, np.uint8), 16.0, 2.0, "gray")
        sizes.append(figure.get_size_inches().tolist())
        plt.close(figure)
    assert sizes[0] == sizes[1]


def test_floats_and_bytes_show_the_same():
    shown = []
    for vector in (np.array([0.0, 1.0]), np.array([0, 255], np.uint8)):
        _, ax = style.new_figure(4, 4)
        style.show(vector, (1, 2), ax, "gray")
        shown.append(ax.images[0].norm(vector).tolist())
    assert shown[0] == shown[1] == [0, 1]


def test_a_saved_figure_is_closed(tmp_path):
    before = plt.get_fignums()
    figure, _ = style.new_figure(4, 4)
    style.save(figure, tmp_path / "x.svg")
    assert plt.get_fignums() == before


SIDES = ("width", "height")


def test_a_cropped_figure_has_its_width_and_nothing_empty_above_and_below(tmp_path):
    sides = []
    for name in ("save", "save_cropped"):
        figure, _ = style.new_picture(np.zeros((28, 280), np.uint8), 16.0, 4.0, "gray")
        getattr(style, name)(figure, tmp_path / f"{name}.svg")
        svg = (tmp_path / f"{name}.svg").read_text()
        sides.append([float(re.search(rf'{side}="([0-9.]+)pt"', svg)[1]) for side in SIDES])
    (wide, high), (still_wide, less) = sides
    assert still_wide == pytest.approx(wide)
    assert less < 0.5 * high
    assert less == pytest.approx(still_wide / 10, rel=0.2)
