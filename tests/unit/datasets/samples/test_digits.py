"""The drawn digits: reproducible, complete, and framed as MNIST frames its scans."""

import gzip

import numpy as np
import pytest
from PIL import Image

from vaepipe.datasets.formats import idx
from vaepipe.datasets.samples import digits
from vaepipe.datasets.samples.digits import draw_digits

LABELS = np.arange(10).repeat(20)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return draw_digits(LABELS, seed=3)


def test_digits_are_inked(images):
    assert images.shape == (len(LABELS), 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) == 255).all()
    assert images.mean(axis=(1, 2)).min() / 255 > 0.02
    assert images.mean(axis=(1, 2)).max() / 255 < 0.45


def test_ink_fits_a_box_of_20_with_its_centre_of_mass_at_the_centre(images):
    rows, columns = (images > 0).any(axis=2), (images > 0).any(axis=1)
    for ink in (rows, columns):
        filled = 28 - ink.argmax(axis=1) - ink[:, ::-1].argmax(axis=1)
        assert filled.max() <= 20
    assert (np.maximum(rows.sum(axis=1), columns.sum(axis=1)) >= 19).all()
    mass = images.sum(axis=(1, 2), dtype=float)
    for axis in (1, 2):
        centre = (images.sum(axis=3 - axis, dtype=float) * np.arange(28)).sum(axis=1) / mass
        assert (np.abs(centre - 14) <= 0.5).mean() > 0.9
        assert np.abs(centre - 14).max() < 3


def test_ink_at_one_end_is_kept_inside_the_image():
    ink = Image.new("L", (60, 40))
    ink.paste(255, (0, 0, 3, 40))
    ink.paste(255, (0, 39, 60, 40))
    image = digits._as_mnist(ink)
    assert image[:, 0].tolist() == [0] * 28
    assert (image[:, 27] > 0).any()
    assert image.max() == 255


def test_the_same_seed_draws_the_same_in_parts_of_any_size(images):
    parts = [draw_digits(LABELS[a : a + 70], 3, offset=a) for a in range(0, len(LABELS), 70)]
    np.testing.assert_array_equal(np.concatenate(parts), images)
    assert (draw_digits(LABELS, seed=4) != images).any(axis=(1, 2)).all()


def test_no_digits():
    assert draw_digits(np.array([], int), seed=0).shape == (0, 28, 28)


def test_every_digit_is_drawn_as_often_as_asked_in_both_pairs_of_files(tmp_path, monkeypatch):
    names = [tmp_path / f"{part}-{kind}.gz" for part in "ab" for kind in ("images", "labels")]
    digits.write_idx(names[:2], names[2:], seed=1, train_per_class=3, test_per_class=1)
    first = [path.read_bytes() for path in names]
    monkeypatch.setattr(digits, "CHUNK", 7)  # not dividing the 30 digits
    digits.write_idx(names[:2], names[2:], seed=1, train_per_class=3, test_per_class=1)
    assert [path.read_bytes() for path in names] == first
    found = []
    for paths, count in ((names[:2], 3), (names[2:], 1)):
        labels, images = (
            np.concatenate(block)
            for block in zip(*idx.read(*paths, "mnist", "upright"), strict=True)
        )
        assert np.bincount(labels).tolist() == [count] * 10
        assert (np.diff(labels) < 0).any()
        found.append({image.tobytes() for image in images})
    assert len(found[0]) == 30
    assert not found[0] & found[1]
    assert gzip.decompress(first[0])[:8] == bytes([0, 0, 8, 3, 0, 0, 0, 30])
