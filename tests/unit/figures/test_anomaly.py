import numpy as np
import pytest
from matplotlib.colors import to_hex

from vaepipe.figures import anomaly
from vaepipe.figures.anomaly import Roc, roc_curves, scored_rows

LOOK = {"colormap": "gray", "width": 16.0}
STEPS = np.array([0, 0.2, 1.0])
SCORES = {
    "mean image": Roc([(STEPS, STEPS)], 0.5, 0.404, 0.6),
    "error": Roc([(STEPS, STEPS**0.5), (STEPS, STEPS**0.25)], 0.826, 0.8, 0.9),
    "PCA": Roc([(STEPS, STEPS**2)], 0.3, 0.2, 0.4),
    "ELBO": Roc([(STEPS, STEPS**3)], 1.0, 1.0, 1.0),
}
TRIVIAL = ["mean image", "PCA"]
IMAGES = np.arange(4 * 18, dtype=np.uint8).reshape(4, 18)
ROWS = {
    "lowest": (IMAGES[:2], np.array([0.001234, 2.0])),
    "highest": (IMAGES[2:], np.array([12.0, 1234.5])),
}


@pytest.fixture
def drawn(monkeypatch):
    figures = []
    monkeypatch.setattr(anomaly, "save", lambda figure, path: figures.append(figure))
    return figures


def test_each_training_has_a_curve_and_each_score_its_area_in_the_legend(drawn):
    roc_curves(None, SCORES, TRIVIAL, LOOK)
    (figure,) = drawn
    (ax,) = figure.axes
    *lines, diagonal = ax.get_lines()
    expected = [curve for of in SCORES.values() for curve in of.curves]
    for line, (x, y) in zip(lines, expected, strict=True):
        assert line.get_xdata().tolist() == x.tolist()
        assert line.get_ydata().tolist() == y.tolist()
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata()) == [0, 1]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "mean image: 0.50 [0.40, 0.60]",
        "error: 0.83 [0.80, 0.90]",
        "PCA: 0.30 [0.20, 0.40]",
        "ELBO: 1.00 [1.00, 1.00]",
    ]


def test_trivial_scores_are_grey_and_all_scores_look_different(drawn):
    roc_curves(None, SCORES, TRIVIAL, LOOK)
    first, one, other, *rest, _ = drawn[0].axes[0].get_lines()
    looks = [(to_hex(of.get_color()), of.get_linestyle()) for of in (first, one, *rest)]
    assert looks[1] == (to_hex(other.get_color()), other.get_linestyle())
    assert len(set(looks)) == len(SCORES)
    assert [look[0] == "#777777" for look in looks] == [True, False, True, False]


def test_images_stand_below_their_scores_in_named_rows(drawn):
    scored_rows(None, ROWS, (2, 3, 3), LOOK)
    (figure,) = drawn
    axes = np.reshape(figure.axes, (2, 2))
    titles = [[ax.get_title() for ax in line] for line in axes]
    assert titles == [["0.00123", "2"], ["12", "1.23e+03"]]
    for line, (name, (images, _)) in zip(axes, ROWS.items(), strict=True):
        assert [text.get_text() for text in line[0].texts] == [name]
        for ax, image in zip(line, images, strict=True):
            (shown,) = ax.get_images()
            assert (shown.get_array() == image.reshape(2, 3, 3)).all()


def test_files_are_the_same_byte_for_byte(tmp_path):
    for name in "ab":
        roc_curves(tmp_path / f"roc_{name}", SCORES, TRIVIAL, LOOK)
        scored_rows(tmp_path / f"rows_{name}", ROWS, (2, 3, 3), LOOK)
    for kind in ("roc", "rows"):
        content = (tmp_path / f"{kind}_a").read_bytes()
        assert b"<svg" in content and content == (tmp_path / f"{kind}_b").read_bytes()
