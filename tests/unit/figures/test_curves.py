import numpy as np
import pytest

from vaepipe.figures import curves

LOOK = {"colormap": "gray_r", "width": 16.0}


@pytest.fixture
def history(tmp_path):
    path = tmp_path / "history.csv"
    rows = [
        f"{seed},{epoch},{split},1,1,0,0,{seed + epoch + (split == 'test') / 10}"
        for seed in (0, 7)
        for epoch in (1, 2, 3, 4)
        for split in ("train", "test")
    ]
    path.write_text("seed,epoch,split,total,reconstruction,kl,l2,total_per_pixel\n")
    path.write_text(path.read_text() + "\n".join(rows) + "\n")
    return curves.read_history(path)


def test_curves_are_one_row_a_seed(history):
    epochs, values = curves.curves(history, "test")
    assert epochs.tolist() == [1, 2, 3, 4]
    assert np.allclose(values, [[1.1, 2.1, 3.1, 4.1], [8.1, 9.1, 10.1, 11.1]])


def test_a_history_may_have_any_terms(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text(
        "seed,epoch,split,total,error,l2,total_per_pixel\n0,1,train,3,2,1,0.5\n0,1,test,4,3,1,0.6\n"
    )
    history = curves.read_history(path)
    assert list(history) == ["seed", "epoch", "split", "total", "error", "l2", "total_per_pixel"]
    assert history["split"].tolist() == ["train", "test"]
    assert history["error"].tolist() == [2.0, 3.0]


def test_one_seed_and_one_epoch_draw(tmp_path, history):
    single = {n: c[(history["seed"] == 0) & (history["epoch"] == 1)] for n, c in history.items()}
    curves.learning_curve(tmp_path / "curve.svg", single, LOOK)
    assert (tmp_path / "curve.svg").stat().st_size > 1000


def test_each_term_has_a_panel_and_each_variant_one_colour_in_all_of_them(monkeypatch):
    drawn = []
    monkeypatch.setattr(curves, "save", lambda figure, path: drawn.append(figure))
    epochs = np.array([1.0, 2.0, 3.0])
    seeds = np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 1.0]])
    values = {
        "ELBO": {"a": (epochs, -seeds), "c": (epochs[:1], seeds[:, :1])},
        "reconstruction": {"b": (epochs, 2 * seeds), "c": (epochs[:1], seeds[:, :1])},
    }
    curves.terms(None, values, LOOK)
    (figure,) = drawn
    elbo, reconstruction = figure.axes
    assert [ax.get_title() for ax in figure.axes] == ["ELBO", "reconstruction"]
    assert {ax.get_ylabel() for ax in figure.axes} == {"nats"}
    assert {ax.get_xlabel() for ax in figure.axes} == {"epoch"}
    a, c = elbo.get_lines()
    b, also_c = reconstruction.get_lines()
    assert a.get_ydata().tolist() == [-4, -3, -1] and b.get_ydata().tolist() == [8, 6, 2]
    band = elbo.collections[0].get_paths()[0].vertices
    assert sorted(set(band[band[:, 0] == 1][:, 1])) == [-5, -3]
    assert c.get_color() == also_c.get_color()
    assert len({line.get_color() for line in (a, b, c)}) == 3
    assert c.get_marker() == "o" and a.get_marker() == "None"  # of one epoch there is no line
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "c", "b"]
    shown = [handle.get_color() for handle in legend.get_lines()]
    assert shown == [line.get_color() for line in (a, c, b)]
