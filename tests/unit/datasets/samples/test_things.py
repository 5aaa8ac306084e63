"""The drawn things: reproducible, balanced, and neither easy nor impossible to tell apart."""

import tarfile

import numpy as np
import pytest
import torch
from cnn import accuracy, train_colour_cnn
from sklearn.neighbors import KNeighborsClassifier

from vaepipe.datasets.formats import cifar
from vaepipe.datasets.samples import scenes
from vaepipe.datasets.samples.things import (
    CLASSES,
    draw_sample,
    draw_thing,
    draw_things,
    write_cifar,
)


@pytest.fixture(scope="module")
def sample():
    return draw_sample(0, train_per_class=300, test_per_class=60)


def test_classes_are_those_of_cifar_in_its_order():
    assert tuple(CLASSES) == cifar.CLASSES


def test_every_class_is_drawn_as_often_as_asked_in_random_order(sample):
    for (labels, images), count in zip(sample, (300, 60), strict=True):
        assert images.shape == (10 * count, 32, 32, 3)
        assert labels.dtype == images.dtype == np.uint8
        assert np.bincount(labels).tolist() == [count] * 10
        assert (np.diff(labels.astype(int)) < 0).any()


def test_no_picture_is_drawn_twice(sample):
    pictures = [image.tobytes() for _, images in sample for image in images]
    assert len(set(pictures)) == len(pictures)


def test_pictures_are_as_bright_and_as_varied_as_photographs(sample):
    _, images = sample[0]
    means = images.mean((1, 2, 3))
    assert 90 < means.mean() < 160
    assert means.std() > 15
    assert np.median(images.std((1, 2, 3))) > 25
    assert (images.max((1, 2, 3)).astype(int) - images.min((1, 2, 3)) > 40).all()


@pytest.mark.parametrize("seed, stream", [(0, 0), (0, 1), (5, 0)])
def test_a_picture_may_be_drawn_by_itself(seed, stream):
    labels, images = draw_things(2, seed, stream)
    for label in range(len(CLASSES)):
        alone = {draw_thing(label, index, seed, stream).tobytes() for index in range(2)}
        assert alone == {image.tobytes() for image in images[labels == label]}


def test_other_seeds_and_streams_draw_other_pictures():
    pictures = [draw_thing(3, 0, *which).tobytes() for which in ((0, 0), (0, 1), (1, 0), (1, 1))]
    assert len(set(pictures)) == 4


def test_both_splits_lie_in_an_archive_in_the_members_of_cifar(tmp_path):
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_cifar(path, seed=3, train_per_class=2, test_per_class=1)
    for part, drawn in zip(cifar.PARTS, draw_sample(3, 2, 1), strict=True):
        read = [np.concatenate(blocks) for blocks in zip(*cifar.read(path, part), strict=True)]
        for found, expected in zip(read, drawn, strict=True):
            np.testing.assert_array_equal(found, expected)
    with tarfile.open(path) as archive:
        assert archive.getnames() == [
            *(f"cifar-10-batches-bin/data_batch_{i}.bin" for i in range(1, 6)),
            "cifar-10-batches-bin/test_batch.bin",
        ]
    first = path.read_bytes()
    write_cifar(path, seed=3, train_per_class=2, test_per_class=1)
    assert path.read_bytes() == first


def test_no_things():
    labels, images = draw_things(0, seed=0)
    assert labels.shape == (0,)
    assert images.shape == (0, 32, 32, 3)


@pytest.mark.parametrize("horizon", [0.1, 0.5, 0.9])
@pytest.mark.parametrize(
    "name", sorted({s.__name__ for kinds in CLASSES.values() for k in kinds for s in k.scenes})
)
def test_a_scene_has_a_horizon_at_any_height(name, horizon):
    for seed in range(5):
        image = getattr(scenes, name)(np.random.default_rng(seed), horizon * scenes.SIDE)
        assert image.shape == (scenes.SIDE, scenes.SIDE, 3)
        assert image.min() > -60
        assert image.max() < 330


def test_scenes_are_shared():
    """A scene that one class had for itself would give it away."""
    found = {
        name: {scene for kind in kinds for scene in kind.scenes} for name, kinds in CLASSES.items()
    }
    for name, own in found.items():
        others = set().union(*(found[other] for other in found if other != name))
        assert own <= others


def test_the_colour_alone_does_not_give_a_class_away(sample):
    (labels, images), (asked, seen) = sample
    near = KNeighborsClassifier(25).fit(images.mean((1, 2)), labels)
    assert 0.1 < near.score(seen.mean((1, 2)), asked) < 0.35


def test_a_small_network_tells_most_things_apart_and_neighbours_do_not(sample):
    (labels, images), (asked, seen) = sample
    near = KNeighborsClassifier(5).fit(images.reshape(len(images), -1), labels)
    assert 0.2 < near.score(seen.reshape(len(seen), -1), asked) < 0.5
    x, y = (torch.tensor(part).movedim(-1, 1) / 255 for part in (images, seen))
    network = train_colour_cnn(x, torch.tensor(labels).long(), len(CLASSES), epochs=14)
    assert 0.8 < accuracy(network, y, torch.tensor(asked)) < 0.95
