"""On real data (VAEPIPE_REAL_DATA): the samples are like them, and a VAE keeps letters legible.

The letters are a 47-class subset of EMNIST ByMerge in the form of the official CSV files, the
digits MNIST's own files.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from cnn import accuracy, train_cnn
from conftest import ROOT

from vaepipe.datasets.formats import cifar, emnist, idx
from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.images import Images, read_images
from vaepipe.datasets.noise import corrupt_file
from vaepipe.datasets.samples.digits import draw_digits
from vaepipe.datasets.samples.handwriting import draw_characters
from vaepipe.learning.loop import train
from vaepipe.machine.device import prepare
from vaepipe.measures.latents import active_units
from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model, build_likelihood, build_network
from vaepipe.params import dump, load_params, read_variant

FOLDER = os.environ.get("VAEPIPE_REAL_DATA")
pytestmark = pytest.mark.skipif(not FOLDER, reason="VAEPIPE_REAL_DATA names no folder")
LETTERS = CLASSES[10:36]


@pytest.fixture(scope="module")
def letters(tmp_path_factory) -> dict[str, Images]:
    """The real letters through the pipeline's own steps: clean and noisy, train and test."""
    prepare("cpu", 1)
    folder = tmp_path_factory.mktemp("real")
    found = {}
    for stream, name in enumerate(("train", "test")):
        source = Path(FOLDER) / f"emnist/emnist47-{name}.csv.gz"
        emnist.ingest_file(source, folder / "upright", "bymerge", "transposed", LETTERS)
        corrupt_file(folder / "upright", folder / name, "grey", "gaussian", 0.2, 0, stream)
        found[name] = read_images(folder / name)
    return found


def tensors(images: Images, column: str) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.tensor(images.pixels[column]), torch.tensor(images.labels)


def test_every_real_letter_is_read(letters):
    assert len(letters["train"].labels) == 48_610
    assert set(letters["test"].labels) == set(range(26))


def test_every_real_object_is_read(tmp_path):
    """Of a random subset of CIFAR-10 in its binary form."""
    archive = f"{FOLDER}/cifar-10-subset-binary.tar.gz"
    targets = [tmp_path / name for name in ("train", "test")]
    cifar.ingest(targets, archive, archive, cifar.CLASSES)
    train, test = map(read_images, targets)
    assert [len(images.labels) for images in (train, test)] == [10_000, 2_000]
    assert np.bincount(train.labels, minlength=10).min() > 900
    images = train.pixels["image"].reshape(-1, *train.kind.shape)
    red, _, blue = (images[train.labels == 0, ..., i].mean() for i in range(3))
    assert blue > red + 10  # the sky around airplanes
    top = images[train.labels == 8, :8].mean()
    assert top > images[train.labels == 8, 24:].mean() + 5  # is brighter than the sea under ships


def test_a_classifier_of_the_sample_reads_real_letters(letters):
    sample = load_params(ROOT / "params.yaml").samples.emnist["letters"]
    labels = np.repeat(np.arange(10, 36), sample.train_per_class)
    images = draw_characters(labels, sample.seed).reshape(-1, 784)
    drawn = torch.tensor(images.astype(np.float32) / 255)
    classifier = train_cnn(drawn, torch.tensor(labels - 10), 26, epochs=8)
    assert accuracy(classifier, *tensors(letters["test"], "clean")) >= 0.70


def test_a_classifier_of_the_sample_reads_real_digits():
    """Ten classes of 600; the test digits of MNIST, each digit by itself too."""
    prepare("cpu", 1)
    labels = np.arange(10).repeat(600)
    images = draw_digits(labels, seed=0).reshape(-1, 784)
    drawn = torch.tensor(images.astype(np.float32) / 255)
    classifier = train_cnn(drawn, torch.tensor(labels), 10, epochs=8)
    files = (f"{FOLDER}/mnist/t10k-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
    blocks = zip(*idx.read(*map(Path, files), "mnist", "upright"), strict=True)
    labels, images = (torch.tensor(np.concatenate(block)) for block in blocks)
    assert len(labels) == 10_000
    real = images.flatten(1) / 255
    assert accuracy(classifier, real, labels) >= 0.92
    for digit in range(10):
        of = labels == digit
        assert accuracy(classifier, real[of], labels[of]) >= 0.80


def test_letters_stay_legible_through_20_latents(letters, tmp_path, monkeypatch):
    """A shorter training of vae_20_warmup than the shipped one, on one seed."""
    monkeypatch.chdir(ROOT)
    config = read_variant("vae_20_warmup", dump(load_params()))
    config["training"] |= {"epochs": 40, "warmup_epochs": 26, "seeds": [0]}
    config["shape"] = letters["train"].kind.shape
    splits = [Batch.of(letters[name], torch.device("cpu")) for name in ("train", "test")]
    trained = train(config, *splits, tmp_path)
    network = build_network(config)
    network.load_state_dict(trained.weights[0])
    model = Model(network.eval(), build_likelihood(config), config["shape"])
    noisy = splits[1].noisy
    assert active_units(model.encode(noisy), 0.01) > 6
    assert trained.history[-1][3] < 170

    clean, labels = tensors(letters["train"], "clean")
    classifier = train_cnn(clean[:20_000], labels[:20_000], 26, epochs=4)
    labels = torch.tensor(letters["test"].labels)
    through = accuracy(classifier, model.reconstruct(noisy).flatten(1), labels)
    assert through >= 0.9 * accuracy(classifier, splits[1].clean, labels)
