import numpy as np
import pytest

from vaepipe.figures import levels
from vaepipe.figures.levels import by_level

LOOK = {"colormap": "gray", "width": 16.0}
LEVELS = [0.1, 0.3, 0.5]
SEEDS = np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 1.0]])
PANELS = {
    "PSNR, dB": {"noisy": SEEDS[:1], "mean": SEEDS[1:], "a": SEEDS, "b": 2 * SEEDS},
    "legibility": {"noisy": SEEDS[:1], "b": SEEDS, "clean": SEEDS[:1]},
}
TRIVIAL = ["noisy", "mean", "clean"]


@pytest.fixture
def figure(monkeypatch):
    drawn = []
    monkeypatch.setattr(levels, "save", lambda figure, path: drawn.append(figure))
    by_level(None, LEVELS, PANELS, TRIVIAL, 0.3, LOOK)
    return drawn[0]


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if line.get_label()[0] != "_"}


def test_each_measure_has_a_panel_with_means_and_bands_of_the_seeds(figure):
    assert [ax.get_ylabel() for ax in figure.axes] == list(PANELS)
    for ax, values in zip(figure.axes, PANELS.values(), strict=True):
        assert ax.get_xticks().tolist() == LEVELS
        drawn = lines(ax)
        assert list(drawn) == list(values)
        for name, found in values.items():
            assert drawn[name].get_xdata().tolist() == LEVELS
            assert drawn[name].get_ydata().tolist() == found.mean(0).tolist()
    band = figure.axes[0].collections[1].get_paths()[0].vertices
    assert sorted(set(band[band[:, 0] == 0.1][:, 1])) == [6, 10]


def test_a_method_looks_alike_in_all_panels_and_trivial_ones_are_grey(figure):
    first, second = map(lines, figure.axes)
    looks = [
        {name: (line.get_color(), line.get_linestyle()) for name, line in of.items()}
        for of in (first, second)
    ]
    assert all(looks[0][name] == looks[1][name] for name in ("noisy", "b"))
    together = looks[0] | looks[1]
    assert len(set(together.values())) == 5
    assert {together[name][0] for name in TRIVIAL} == {"#777777"}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["noisy", "mean", "a", "b", "clean"]
    shown = [(line.get_color(), line.get_linestyle()) for line in legend.get_lines()]
    assert shown == [together[name] for name in ("noisy", "mean", "a", "b", "clean")]


def test_the_level_of_the_data_set_is_marked(figure):
    marks = [line for line in figure.axes[0].get_lines() if line.get_label()[0] == "_"]
    assert [line.get_xdata() for line in marks] == [[0.3, 0.3]]


def test_the_file_is_the_same_byte_for_byte(tmp_path):
    for name in "ab":
        by_level(tmp_path / name, LEVELS, PANELS, TRIVIAL, 0.3, LOOK)
    content = (tmp_path / "a").read_bytes()
    assert b"<svg" in content and content == (tmp_path / "b").read_bytes()
