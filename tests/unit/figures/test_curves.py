import numpy as np
import pytest

from vaepipe.core.errors import InputError
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


def uneven(lengths: dict[int, int], splits: tuple[str, ...]) -> list[str]:
    """Rows of seeds that stopped after so many epochs."""
    return [
        f"{seed},{epoch},{split},{seed + epoch + index / 10},{index},{seed},1\n"
        for seed, last in lengths.items()
        for epoch in range(1, last + 1)
        for index, split in enumerate(splits)
    ]


def write(folder, rows: list[str]):
    path = folder / "history.csv"
    header = "seed,epoch,split,total,cross_entropy,l2,total_per_pixel\n"
    path.write_text(header + "".join(rows))
    return path


VALIDATED = ("train", "validation", "test")


@pytest.mark.parametrize("splits", [("train", "test"), VALIDATED], ids=len)
def test_seeds_may_stop_after_different_epochs(tmp_path, splits):
    path = write(tmp_path, uneven({7: 3, 0: 1}, splits))
    history = curves.read_uneven_history(path)
    assert history["split"].tolist() == 4 * list(splits)
    assert history["seed"].tolist() == [7] * 3 * len(splits) + [0] * len(splits)
    with pytest.raises(InputError, match=r"history\.csv: not a history"):
        curves.read_history(path)


WHOLE = uneven({0: 2, 7: 1}, VALIDATED)


@pytest.mark.parametrize(
    "rows",
    [
        WHOLE[:-1],
        WHOLE[1:],
        WHOLE[3:],
        [*WHOLE[:3], *WHOLE[6:], *WHOLE[3:6]],
        [*WHOLE, *WHOLE],
        [row for row in WHOLE if "train" not in row],
        [WHOLE[1], WHOLE[0], *WHOLE[2:]],
        [*WHOLE[:-1], WHOLE[-1].replace("test", "other")],
        [*WHOLE[:-1], "7,1,test,nan,1,1,1\n"],
        [],
    ],
    ids=[
        "no last row",
        "no first row",
        "no first epoch",
        "a seed in two places",
        "twice",
        "no training split",
        "another order",
        "another split",
        "not finite",
        "nothing",
    ],
)
def test_an_uneven_history_that_is_not_whole_is_refused(tmp_path, rows):
    curves.read_uneven_history(write(tmp_path, WHOLE))
    with pytest.raises(InputError, match=r"history\.csv: not a history of a training"):
        curves.read_uneven_history(write(tmp_path, rows))


def test_losses_are_a_line_a_seed_and_split_without_the_penalty(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(curves, "save", lambda figure, path: drawn.append(figure))
    history = curves.read_uneven_history(write(tmp_path, uneven({7: 3, 0: 1}, VALIDATED)))
    curves.losses(None, history, "nats", LOOK)
    (ax,) = drawn[0].axes
    lines = {tuple(line.get_xdata()): line for line in ax.lines}
    assert len(ax.lines) == 6 and set(lines) == {(1,), (1, 2, 3)}
    values = [line.get_ydata().tolist() for line in ax.lines]
    # Per split the seeds 0 and 7: what was written as total, less the seed, which is the penalty.
    expected = [[1], [1, 2, 3], [1.2], [1.2, 2.2, 3.2], [1.1], [1.1, 2.1, 3.1]]
    assert [pytest.approx(of) for of in expected] == values
    assert len({line.get_color() for line in ax.lines}) == 3
    assert [of.get_text() for of in ax.get_legend().get_texts()] == ["train", "test", "validation"]
    assert ax.get_ylabel() == "nats per image" and ax.get_xlabel() == "epoch"
    assert ax.lines[0].get_marker() == "." and ax.lines[1].get_marker() == "None"


def write_batches(path, rows):
    path.write_text("seed,epoch,step,total\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_batches_are_a_row_a_seed_with_the_ends_of_epochs(tmp_path):
    rows = [f"{s},{e},{2 * e - 2 + i},{s + e + i}" for s in (0, 9) for e in (1, 2) for i in (1, 2)]
    ends, totals = curves.read_batches(write_batches(tmp_path / "batches.csv", rows))
    assert ends.tolist() == [2, 4]
    assert totals.tolist() == [[2, 3, 3, 4], [11, 12, 12, 13]]


@pytest.mark.parametrize(
    "rows",
    [
        ["0,1,1,5", "0,1,3,5"],  # a step is missing
        ["0,1,1,5", "0,1,2,5", "9,1,1,5"],  # of one seed
        ["0,2,1,5", "0,1,2,5"],
        ["0,1,1,nan"],
        ["0,1,1,x"],
    ],
)
def test_damaged_batches_are_refused(tmp_path, rows):
    with pytest.raises(InputError, match=r"batches\.csv: not a history"):
        curves.read_batches(write_batches(tmp_path / "batches.csv", rows))


def test_a_moving_average_is_of_so_many_and_of_all_if_there_are_fewer():
    values = np.array([[1.0, 2.0, 6.0, 3.0], [0.0, 4.0, 0.0, 4.0]])
    assert curves.moving_average(values, 2).tolist() == [[1.5, 4, 4.5], [2, 2, 2]]
    assert curves.moving_average(values, 9).tolist() == [[3], [2]]


def test_an_average_of_batches_stands_at_the_last_of_them(monkeypatch):
    drawn = []
    monkeypatch.setattr(curves, "save", lambda figure, path: drawn.append(figure))
    totals = np.array([[9.0, 5, 4, 3], [8, 4, 4, 2]])
    curves.batch_losses(None, np.array([2, 4]), totals, 2, LOOK)
    (ax,) = drawn[0].axes
    dots, first, second, *ends = ax.lines
    assert dots.get_ydata().tolist() == [9, 5, 4, 3]
    assert first.get_xdata().tolist() == [2, 3, 4]
    assert first.get_ydata().tolist() == [7, 4.5, 3.5] and second.get_ydata()[0] == 6
    assert [line.get_xdata()[0] for line in ends] == [2, 4]
