import numpy as np

from vaepipe.figures import roc

LOOK = {"colormap": "gray", "width": 16.0}


def test_each_score_has_a_curve_in_each_panel_and_one_name(monkeypatch):
    drawn = []
    monkeypatch.setattr(roc, "save", lambda figure, path: drawn.append(figure))
    curves = {
        name: (np.array([0, part, 1]), np.array([0, 1 - part, 1]))
        for name, part in (("a", 0.1), ("b", 0.4))
    }
    roc.draw_curves(None, {"one": curves, "other": curves}, ["b"], LOOK)
    (figure,) = drawn
    assert [ax.get_title() for ax in figure.axes] == ["one", "other"]
    for ax in figure.axes:
        chance, *lines = ax.lines
        assert chance.get_xydata().tolist() == [[0, 0], [1, 1]]
        assert [line.get_xydata().tolist()[1] for line in lines] == [[0.1, 0.9], [0.4, 0.6]]
        assert [line.get_color() for line in lines] == ["#0072B2", "#777777"]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b"]
