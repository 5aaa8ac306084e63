import numpy as np
import pytest

from vaepipe.figures import shares
from vaepipe.figures.shares import Panel, by_value

LOOK = {"colormap": "gray", "width": 16.0}
GREY = "#777777"


def some(*found):
    return np.array([[share, share - 0.01, share + 0.03] for share in found])


PANELS = {
    "glasses": Panel(
        ["none", "glasses", "sunglasses"],
        {
            "the data": some(0.5, 0.4, 0.1),
            "by the judge": some(0.52, 0.39, 0.09),
            "at 0.8": some(0.7, 0.28, 0.02),
            "at 1": some(0.6, 0.36, 0.04),
        },
    ),
    "hair": Panel(["red", "blond"], {"the data": some(0.2, 0.8), "at 1": some(0.3, 0.7)}),
}
TRIVIAL = ["the data", "by the judge"]


def draw(path, panels=PANELS):
    by_value(path, panels, TRIVIAL, LOOK)


@pytest.fixture
def figure(monkeypatch):
    drawn = []
    monkeypatch.setattr(shares, "save", lambda figure, path: drawn.append(figure))
    draw(None)
    return drawn[0]


def points(ax):
    """Of each set in a panel its points, the ends of their intervals, and how they look."""
    return [
        (line.get_xydata(), bars.get_segments(), (line.get_color(), line.get_marker()))
        for line, _, (bars,) in ax.containers
    ]


def test_each_value_has_a_point_with_its_interval_for_each_set(figure):
    for ax, (attribute, panel) in zip(figure.axes, PANELS.items(), strict=True):
        assert (ax.get_title(), ax.get_xlabel()) == (attribute, "images, %")
        assert [text.get_text() for text in ax.get_yticklabels()] == panel.values
        low, high = ax.get_ylim()
        assert low > high  # the first value stands on top
        for (at, ends, _), found in zip(points(ax), panel.shares.values(), strict=True):
            assert at[:, 0] == pytest.approx(100 * found[:, 0])
            assert np.rint(at[:, 1]).tolist() == list(range(len(panel.values)))
            for segment, row, place in zip(ends, found, at[:, 1], strict=True):
                assert segment[:, 0] == pytest.approx(100 * row[1:])
                assert segment[:, 1].tolist() == [place, place]


def test_the_points_of_a_value_lie_apart_in_one_order(figure):
    first, second = ({tuple(at[:, 1]) for at, *_ in points(ax)} for ax in figure.axes)
    assert len(first) == 4 and len(second) == 2
    heights = [at[0, 1] for at, *_ in points(figure.axes[0])]
    assert heights == sorted(heights)


def test_a_set_looks_alike_in_all_panels_and_trivial_ones_are_grey(figure):
    first, second = (
        dict(zip(panel.shares, (look for *_, look in points(ax)), strict=True))
        for ax, panel in zip(figure.axes, PANELS.values(), strict=True)
    )
    assert all(first[name] == look for name, look in second.items())
    assert len(set(first.values())) == 4
    assert {name for name, (colour, _) in first.items() if colour == GREY} == set(TRIVIAL)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(first)


def test_panels_stand_in_rows_of_four_and_none_is_drawn_empty(monkeypatch):
    drawn = []
    monkeypatch.setattr(shares, "save", lambda figure, path: drawn.extend(figure.axes))
    draw(None, {str(number): PANELS["hair"] for number in range(5)})
    assert len(drawn) == 8 and sum(ax.axison for ax in drawn) == 5


def test_the_file_is_the_same_byte_for_byte(tmp_path):
    for name in "ab":
        draw(tmp_path / name)
    content = (tmp_path / "a").read_bytes()
    assert b"<svg" in content and content == (tmp_path / "b").read_bytes()
