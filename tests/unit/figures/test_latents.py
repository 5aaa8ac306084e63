import numpy as np
import pytest

from vaepipe.figures import latents

LOOK = {"colormap": "gray_r", "width": 16.0}
SHAPE = (10, 14)


@pytest.fixture
def drawn(monkeypatch):
    """The figures, in the place of their files."""
    figures = []
    monkeypatch.setattr(latents, "save", lambda figure, path: figures.append(figure))
    return figures


def labels(axis) -> list[str]:
    return [text.get_text() for text in axis.get_ticklabels()]


def test_two_steps_of_a_traversal_draw(tmp_path):
    images = np.zeros((4, 2, 140), np.uint8)
    path = tmp_path / "traversal.svg"
    latents.traversal(path, images, np.ones(4), range(4), 2.0, SHAPE, LOOK)
    assert path.stat().st_size > 1000


def test_rows_of_a_traversal_are_named_by_latent_and_kl(drawn):
    images = np.zeros((3, 5, 140), np.uint8)
    kl = np.array([0.25, 2.0, 1.0])
    latents.traversal(None, images, kl, [1, 2, 0], 2.0, SHAPE, LOOK)
    (ax,) = drawn[0].axes
    assert labels(ax.yaxis) == ["$z_{2}$  2.00", "$z_{3}$  1.00", "$z_{1}$  0.25"]
    assert labels(ax.xaxis) == ["-2.0", "+0.0", "+2.0"]
    assert ax.get_yticks().tolist() == [4.5, 15.5, 26.5]  # the middles of rows of 10 pixels
    assert ax.get_xticks().tolist() == [6.5, 36.5, 66.5]  # those of columns of 14


def test_a_plane_shows_every_image_as_its_class(drawn):
    codes, labels = np.random.default_rng(0).random((9, 2)), np.arange(9) % 2
    latents.plane(None, codes, labels, ["A", "B"], ["one", latents.axis(4)], LOOK)
    (ax,) = drawn[0].axes
    shown = [np.asarray(of.get_offsets()) for of in ax.collections]
    assert [len(of) for of in shown] == [5, 4]
    assert np.allclose(shown[1], codes[1::2])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("one", "$z_{5}$")


def test_a_plane_of_classes_with_longer_names_has_marks_and_a_legend(drawn):
    codes, classes = np.random.default_rng(0).random((60, 2)), [f"class {i}" for i in range(10)]
    latents.plane(None, codes, np.arange(60) % 10, classes, ["one", "two"], LOOK)
    (figure,) = drawn
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == classes
    marks = figure.axes[0].collections
    looks = {(tuple(of.get_facecolor()[0]), of.get_paths()[0].vertices.tobytes()) for of in marks}
    assert len(looks) == 10


def test_each_variant_has_a_panel_with_its_seeds_and_their_mean(drawn):
    kl = {name: np.random.default_rng(0).random((3, 4)) for name in "abcde"}
    latents.kl_per_latent(None, kl, LOOK)
    shown = [ax for ax in drawn[0].axes if ax.axison]
    assert [ax.get_title() for ax in shown] == list("abcde")
    *seeds, mean = shown[0].get_lines()
    ranked = -np.sort(-kl["a"], axis=1)
    assert [line.get_ydata().tolist() for line in seeds] == ranked.tolist()
    assert mean.get_ydata().tolist() == ranked.mean(0).tolist()


def test_a_grid_of_two_latents_has_its_values_on_both_axes(drawn):
    images = np.zeros((5, 5, 140), np.uint8)
    latents.traversal(None, images, np.ones(2), [0, 1], 2.0, SHAPE, LOOK)
    (ax,) = drawn[0].axes
    assert labels(ax.xaxis) == ["-2.0", "+0.0", "+2.0"]
    assert labels(ax.yaxis) == ["+2.0", "+0.0", "-2.0"]


def test_grids_stand_side_by_side_and_name_what_is_told_of_them(drawn):
    images = np.zeros((2, 3, 140), np.uint8)
    words = np.array([["1", "2", "3"], ["4", "5", "6"]])
    written = np.array([[True, False, False], [False, False, True]])
    grids = {"ae": (images, words, written), "vae": (images, words, ~written)}
    latents.named_grids(None, grids, SHAPE, LOOK)
    first, second = drawn[0].axes
    assert (first.get_title(), second.get_title()) == ("ae", "vae")
    assert [(of.get_text(), of.get_position()) for of in first.texts] == [
        ("1", (0, 0)),
        ("6", (30, 11)),
    ]
    assert len(second.texts) == 4


def test_one_grid_is_as_wide_as_one_of_two(drawn):
    grid = np.zeros((2, 2, 140), np.uint8), np.full((2, 2), "7"), np.ones((2, 2), bool)
    latents.named_grids(None, {"ae": grid}, SHAPE, LOOK)
    assert drawn[0].get_figwidth() * 2.54 == pytest.approx(8)
