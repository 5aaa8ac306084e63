import numpy as np

from vaepipe.figures import classes

LOOK = {"colormap": "gray_r", "width": 16.0}


def test_shares_of_a_class_stand_in_its_row_in_percent(monkeypatch):
    drawn = []
    monkeypatch.setattr(classes, "save", lambda figure, path: drawn.extend(figure.axes))
    shares = np.array([[0.9, 0.1, 0.0], [0.004, 0.5, 0.496], [0.0, 0.25, 0.75]])
    classes.confusion(None, shares, ["4", "7", "9"], LOOK)
    (ax,) = drawn
    texts = {tuple(t.get_position()): (t.get_text(), t.get_color()) for t in ax.texts}
    assert texts == {
        (0, 0): ("90", "white"),
        (1, 0): ("10", "black"),
        (1, 1): ("50", "black"),
        (2, 1): ("50", "black"),
        (1, 2): ("25", "black"),
        (2, 2): ("75", "white"),
    }
    (image,) = ax.get_images()
    assert np.allclose(image.get_array(), shares) and image.get_clim() == (0, 1)
    for axis in (ax.xaxis, ax.yaxis):
        assert [text.get_text() for text in axis.get_ticklabels()] == ["4", "7", "9"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("taken for", "class")
