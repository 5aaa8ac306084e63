import csv
import json

import numpy as np
import pytest
import torch

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind, read_images, writing
from vaepipe.judges.classifier import Classifier, Judge, majority, read_judge
from vaepipe.judges.training import OUTPUTS, train_judge

SETTINGS = {
    "attributes": [],
    "channels": [2, 3],
    "features": 5,
    "dropout": 0.0,
    "batch_size": 20,
    "learning_rate": 0.01,
    "validation": 0.2,
    "epochs": 30,
    "patience": 2,
    "seed": 0,
    "device": "cpu",
    "threads": 1,
}
SHAPE = (6, 8)


def write(folder, name, labels, clean, shape=SHAPE):
    with writing(
        folder / name, Kind(shape, ("A", "B"), "x"), ["clean", "noisy"], np.float32
    ) as file:
        file.write(labels, clean, np.zeros_like(clean))


@pytest.fixture
def data(tmp_path):
    """Images of two classes, the left or the right half bright; the noisy ones hold nothing."""
    folder = tmp_path / "data"
    folder.mkdir()
    generator = np.random.default_rng(0)
    for name, count in (("train.parquet", 200), ("test.parquet", 50)):
        labels = generator.integers(0, 2, count)
        clean = generator.random((count, *SHAPE), np.float32) * 0.5
        clean[labels == 0, :, :4] += 0.5
        clean[labels == 1, :, 4:] += 0.5
        write(folder, name, labels, clean)
    return folder


def trained(data, folder, **settings):
    folder.mkdir(exist_ok=True)
    outputs = [folder / name for name in OUTPUTS]
    train_judge(SETTINGS | settings, "letters", data, *outputs)
    return folder


def test_a_judge_learns_the_clean_images_and_comes_back_as_it_was(data, tmp_path):
    judge = read_judge(trained(data, tmp_path / "judge"), torch.device("cpu"))
    facts = json.loads((tmp_path / "judge/judge.json").read_text())
    assert facts["accuracy"] > 0.95
    assert judge.accuracy == facts["accuracy"]
    assert 0.5 <= facts["majority"] < 0.7
    images = torch.rand(7, 48)
    features = judge.features(images)
    assert features.shape == (7, 5) and features.dtype == np.float64
    train = read_images(data / "train.parquet").pixels["clean"]
    assert (judge.features(torch.tensor(train)) ** 2).mean() == pytest.approx(1)
    logits = judge.network.classes(judge.scale * torch.tensor(features).float())
    assert (judge.name(images) == logits.argmax(1)).all()
    assert judge.right(images, judge.name(images)) == 1


def test_training_stops_when_the_validation_loss_stops_falling_and_the_best_are_kept(
    data, tmp_path
):
    generator = np.random.default_rng(1)  # labels that nothing can be learned about
    labels, clean = generator.integers(0, 2, 200), generator.random((200, 48), np.float32)
    write(data, "train.parquet", labels, clean)
    folder = trained(data, tmp_path / "judge", epochs=200)
    facts = json.loads((folder / "judge.json").read_text())
    rows = list(csv.DictReader((folder / "history.csv").open()))
    losses = [float(row["validation_loss"]) for row in rows]
    assert facts["epochs"] == len(rows) < 200
    assert facts["best_epoch"] == 1 + int(np.argmin(losses)) == len(rows) - 2
    best = float(rows[facts["best_epoch"] - 1]["validation_accuracy"])
    assert facts["validation_accuracy"] == best


def test_the_same_seed_gives_the_same_bytes(data, tmp_path):
    folders = [trained(data, tmp_path / name, dropout=0.3, epochs=2) for name in ("a", "b")]
    other = trained(data, tmp_path / "c", dropout=0.3, epochs=2, seed=1)
    first, again, different = (
        [(folder / name).read_bytes() for name in OUTPUTS] for folder in (*folders, other)
    )
    assert first == again
    assert first[0] != different[0]


def test_the_test_split_decides_nothing(data, tmp_path):
    folders = [trained(data, tmp_path / "a", epochs=3)]
    generator = np.random.default_rng(1)
    write(data, "test.parquet", generator.integers(0, 2, 9), generator.random((9, 48), np.float32))
    folders.append(trained(data, tmp_path / "b", epochs=3))
    weights, histories = (
        [(folder / name).read_bytes() for folder in folders] for name in (OUTPUTS[0], OUTPUTS[2])
    )
    assert weights[0] == weights[1] and histories[0] == histories[1]


@pytest.mark.parametrize("settings", [{"validation": 0.001}, {"batch_size": 161}])
def test_too_few_images_name_the_keys(data, tmp_path, settings):
    with pytest.raises(InputError, match=r"judges\.letters: .* Change validation or batch_size"):
        trained(data, tmp_path / "judge", **settings)


@pytest.mark.parametrize("shape", [(48,), (2, 8, 3), (2, 4, 2, 3), (3, 16)])
def test_images_that_a_judge_cannot_look_at_are_refused(tmp_path, shape):
    for name in ("train.parquet", "test.parquet"):
        write(tmp_path, name, np.arange(4) % 2, np.zeros((4, 48), np.float32), shape)
    with pytest.raises(InputError, match=r"grey or colour images of 4 x 4 pixels or more, not \("):
        trained(tmp_path, tmp_path / "judge")


COLOUR = (6, 8, 3)


def test_a_judge_learns_colours(tmp_path):
    """Images of two classes, red or blue; of equal brightness, so that grey ones are alike."""
    generator = np.random.default_rng(0)
    for name, count in (("train.parquet", 200), ("test.parquet", 50)):
        labels = generator.integers(0, 2, count)
        clean = generator.random((count, *COLOUR[:2], 1), np.float32) * np.ones(3, np.float32) / 2
        clean[labels == 0, :, :, 0] += 0.5
        clean[labels == 1, :, :, 2] += 0.5
        write(tmp_path, name, labels, clean, COLOUR)
    folder = trained(tmp_path, tmp_path / "judge")
    facts = json.loads((folder / "judge.json").read_text())
    assert facts["shape"] == [6, 8, 3]
    judge = read_judge(folder, torch.device("cpu"))
    assert judge.accuracy > 0.95
    test = read_images(tmp_path / "test.parquet")
    clean, labels = torch.tensor(test.pixels["clean"]), torch.tensor(test.labels)
    assert judge.right(clean, labels) == judge.accuracy
    turned = clean.reshape(-1, *COLOUR).flip(-1).flatten(1)  # red for blue
    assert judge.right(turned, labels) < 0.05


def test_how_maps_lie_in_memory_makes_no_difference():
    torch.manual_seed(0)
    network = Classifier(COLOUR, 3, SETTINGS).eval()
    images = torch.rand(9, 144)
    planes = images.unflatten(1, COLOUR).movedim(-1, 1).contiguous()
    told = network.classes(network.features[2:](planes))
    assert torch.allclose(network(images), told, atol=1e-6)


def test_a_judge_of_other_weights_is_refused(data, tmp_path):
    folder = trained(data, tmp_path / "judge", epochs=1)
    facts = json.loads((folder / "judge.json").read_text())
    facts["settings"]["features"] = 10**9
    (folder / "judge.json").write_text(json.dumps(facts))
    with pytest.raises(InputError, match=r"model\.safetensors: does not fit judge\.json beside it"):
        read_judge(folder, torch.device("cpu"))


def test_images_at_a_time_make_no_difference():
    torch.manual_seed(0)
    network = Classifier(SHAPE, 3, SETTINGS).eval()
    images = torch.rand(9, 48)
    with torch.no_grad():
        one_by_one = torch.cat([network(image[None]) for image in images])
        assert torch.allclose(network(images), one_by_one, atol=1e-6)


def test_the_majority_by_hand():
    assert majority(torch.tensor([0, 2, 2, 1, 2])) == 0.6


def test_the_class_that_is_named_is_the_most_probable():
    torch.manual_seed(0)
    judge = Judge(Classifier((8, 8), 3, SETTINGS), scale=1.0, accuracy=0.5)
    images = torch.rand(20, 64)
    found = judge.probabilities(images)
    assert torch.allclose(found.sum(1), torch.ones(20))
    assert torch.equal(found.argmax(1), judge.name(images))
