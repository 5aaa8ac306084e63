import math

import numpy as np
import pytest

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.figures import pictures
from vaepipe.generative.comparison import draw_reconstructions
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.studies.objects.comparison import (
    JUDGED,
    bits_of,
    bits_of_histogram,
    bits_per_dimension,
    draw_samples,
)

LOOK = {"colormap": "gray", "width": 16.0}
SHAPE = (2, 3, 3)
PIXELS = 18


@pytest.fixture
def drawn(monkeypatch):
    """What a labelled grid is drawn from: columns, rows."""
    found = []
    monkeypatch.setattr(
        pictures, "labelled_grid", lambda path, columns, rows, *_: found.append((columns, rows))
    )
    return found


def test_an_image_of_which_nothing_is_known_has_eight_bits_a_dimension():
    assert bits_per_dimension(PIXELS * math.log(1 / 256), PIXELS) == pytest.approx(8)
    assert bits_per_dimension(math.log(1 / 2), 1) == pytest.approx(1)


def test_a_histogram_of_a_channel_codes_what_it_has_seen_in_few_bits():
    # Two pixels of two channels: of the first all are 7, of the second half are 0 and half 255.
    train = np.array([[7, 0, 7, 255], [7, 255, 7, 0]] * 50) / 255
    seen = {7: 201 / 456, 0: 101 / 456, 255: 101 / 456, 9: 1 / 456}
    bits = {value: -math.log2(share) for value, share in seen.items()}
    test = np.array([[7, 0, 9, 255]]) / 255
    expected = ((bits[7] + bits[9]) / 2 + (bits[0] + bits[255]) / 2) / 2
    assert bits_of_histogram(train, test, 2) == pytest.approx(expected)


def test_bits_are_of_the_importance_weighted_bound_over_the_seeds_and_of_no_density():
    row = {
        "parts": {"likelihood": "discretised_logistic"},
        "measures": {"iw_bound": {"values": [-2 * math.log(2), -4 * math.log(2)]}},
    }
    assert bits_of(row, 2)["values"] == pytest.approx([1, 2])
    assert bits_of(row, 2)["mean"] == pytest.approx(1.5)
    row["parts"] = {"likelihood": "learned_gaussian"}
    assert bits_of(row, 2) is None


def test_every_judged_measure_has_a_better_end():
    assert all(CATALOGUE[name].better for name in JUDGED)


def test_reconstructions_are_those_of_the_last_epoch_of_the_first_seed(tmp_path, drawn):
    clean = np.random.default_rng(0).random((4, PIXELS), np.float32)
    kind = Kind(SHAPE, ("cat", "dog"), "x")
    for name in ("train", "test"):
        with writing(tmp_path / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.array([1, 0, 0, 1]), clean, clean)
    models = {name: tmp_path / name for name in ("one", "other")}
    for index, folder in enumerate(models.values()):
        folder.mkdir()
        write_json(folder / "config.json", {"training": {"seeds": [7, 0]}})
        epochs = np.array([10, 20], np.uint8)[:, None, None] + index
        seven = np.broadcast_to(epochs, (2, 3, PIXELS)).copy()
        write_arrays(folder / "snapshots.safetensors", {"seed-0": seven + 100, "seed-7": seven})
    draw_reconstructions(None, models, tmp_path, SHAPE, LOOK)
    ((columns, rows),) = drawn
    assert columns == ["dog", "cat", "cat"]
    assert list(rows) == ["test image", "one", "other"]
    assert (rows["test image"] == np.rint(255 * clean[:3])).all()
    assert (rows["one"] == 20).all() and (rows["other"] == 21).all()
    with pytest.raises(InputError, match=r"one/snapshots.safetensors: does not fit"):
        draw_reconstructions(None, models, tmp_path, (5, 5, 3), LOOK)


def test_as_many_samples_are_drawn_as_every_variant_has(drawn):
    samples = {"one": np.zeros((12, PIXELS)), "other": np.ones((9, PIXELS))}
    draw_samples(None, samples, SHAPE, LOOK)
    draw_samples(None, samples | {"other": np.ones((50, PIXELS))}, SHAPE, LOOK)
    assert [[len(of) for of in rows.values()] for _, rows in drawn] == [[9, 9], [10, 10]]
    assert [len(columns) for columns, _ in drawn] == [9, 10]
