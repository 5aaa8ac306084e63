"""The drawn characters: reproducible, complete, and framed as EMNIST frames its scans."""

import numpy as np
import pytest

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples.handwriting import draw_characters

LABELS = np.arange(len(CLASSES)).repeat(4)


@pytest.fixture(scope="module")
def images() -> np.ndarray:
    return draw_characters(LABELS, seed=3)


def test_every_class_is_drawn(images):
    assert images.shape == (len(LABELS), 28, 28)
    assert images.dtype == np.uint8
    assert (images.max(axis=(1, 2)) == 255).all()
    ink = images.mean(axis=(1, 2)) / 255
    assert ink.min() > 0.02
    assert ink.max() < 0.5


def test_same_seed_same_images(images):
    np.testing.assert_array_equal(draw_characters(LABELS, seed=3), images)


def test_other_seed_other_images(images):
    other = draw_characters(LABELS, seed=4)
    assert (other != images).any(axis=(1, 2)).all()


def test_chunks_equal_the_whole(images):
    parts = [draw_characters(LABELS[a : a + 50], 3, offset=a) for a in range(0, len(LABELS), 50)]
    np.testing.assert_array_equal(np.concatenate(parts), images)


def test_image_depends_on_its_own_label_only(images):
    labels = np.zeros_like(LABELS)
    labels[17] = LABELS[17]
    np.testing.assert_array_equal(draw_characters(labels, seed=3)[17], images[17])


def test_no_labels():
    assert draw_characters(np.array([], int), seed=0).shape == (0, 28, 28)


def test_ink_fills_the_frame_inside_a_border_of_two_pixels(images):
    inside = images[:, 2:-2, 2:-2]
    border = images.sum(axis=(1, 2), dtype=float) - inside.sum(axis=(1, 2), dtype=float)
    assert (border < 0.03 * images.sum(axis=(1, 2), dtype=float)).all()
    ink = inside > 30
    height = ink.any(axis=2).sum(axis=1)
    width = ink.any(axis=1).sum(axis=1)
    assert np.maximum(height, width).min() >= 21


@pytest.mark.parametrize("label", [-1, 47])
def test_unknown_label(label):
    with pytest.raises(ValueError, match=f"label {label} "):
        draw_characters(np.array([0, label]), seed=0)


def test_class_i_shows_letters_with_and_without_a_dot():
    """A dot leaves empty rows between the ink of the dot and the ink of the stem."""
    rows = (draw_characters(np.full(200, CLASSES.index("I")), seed=0) > 60).any(axis=2)
    runs = (np.diff(rows.astype(int), axis=1) == 1).sum(axis=1)
    assert {1, 2} <= set(runs)
