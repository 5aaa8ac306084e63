import numpy as np

from vaepipe.figures import minimisation
from vaepipe.figures.minimisation import falls

LOOK = {"colormap": "gray", "width": 16.0}
STEPS = [0, 1, 10, 100]
MEAN = np.array([9.0, 8.0, 4.0, 2.0])
CURVES = {
    "one": (STEPS, MEAN, MEAN - 1, MEAN + 3),
    "other": (STEPS[:2], MEAN[:2], MEAN[:2], MEAN[:2]),
}


def test_curves_are_means_in_bands_from_step_zero_on(monkeypatch):
    drawn = []
    monkeypatch.setattr(minimisation, "save", lambda figure, path: drawn.append(figure))
    falls(None, CURVES, "squared pixels", LOOK)
    (ax,) = drawn[0].axes
    one, other = ax.get_lines()
    assert one.get_xdata().tolist() == STEPS and one.get_ydata().tolist() == MEAN.tolist()
    assert other.get_xdata().tolist() == STEPS[:2]
    assert one.get_color() != other.get_color()
    band = ax.collections[0].get_paths()[0].vertices
    assert sorted(set(band[band[:, 0] == 10][:, 1])) == [3, 7]
    assert ax.get_xlim()[0] == 0 and ax.get_ylabel() == "objective, squared pixels"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["one", "other"]


def test_the_file_is_the_same_byte_for_byte(tmp_path):
    for name in "ab":
        falls(tmp_path / name, CURVES, "squared pixels", LOOK)
    content = (tmp_path / "a").read_bytes()
    assert b"<svg" in content and content == (tmp_path / "b").read_bytes()
    for tick in (b"<!-- 0 -->", b"<!-- 1 -->", b"<!-- 100 -->", b"<!-- step -->"):
        assert tick in content
