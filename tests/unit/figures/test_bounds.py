import numpy as np
import pytest

from vaepipe.figures import bounds

LOOK = {"colormap": "gray_r", "width": 16.0}


@pytest.fixture
def drawn(monkeypatch):
    """The axes of the figures, in the place of their files."""
    axes = []
    monkeypatch.setattr(bounds, "save", lambda figure, path: axes.extend(figure.axes))
    return axes


def test_a_point_a_seed_and_lines_of_one_elbo(drawn):
    points = {"a": np.array([[10.0, 20.0], [200.0, 195.0]]), "b": np.array([[5.0], [220.0]])}
    bounds.rate_distortion(None, points, LOOK)
    (ax,) = drawn
    found = [np.asarray(of.get_offsets()).tolist() for of in ax.collections]
    assert found == [[[10.0, 200.0], [20.0, 195.0]], [[5.0, 220.0]]]
    for line in ax.get_lines():
        sums = line.get_xdata() + line.get_ydata()
        assert sums[0] == pytest.approx(sums[1])
    shown = {text.get_text() for text in ax.texts}
    assert "\N{MINUS SIGN}215" in shown or "\N{MINUS SIGN}210" in shown
    for text in ax.texts:
        assert sum(text.xy) == pytest.approx(float(text.get_text()[1:]))
