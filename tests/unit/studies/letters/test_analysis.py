import numpy as np
import pytest
import torch
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.studies.letters.analysis import analyse, traversal

SETTINGS = {
    "characters": "CA",
    "sheet_side": 5,
    "prior_samples": 4,
    "traversal_steps": 7,
    "traversal_span": 2.0,
    "seed": 0,
}
KIND = Kind((12, 12), tuple("ABC"), "x.csv")


@pytest.fixture
def batch():
    torch.manual_seed(0)
    clean = torch.rand(60, 144)
    return Batch((clean + 0.1).clip(0, 1), clean, torch.arange(60) % 3)


@pytest.fixture
def models():
    first, second = (linear_model(144, 3, (12, 12)) for _ in range(2))
    torch.manual_seed(1)
    torch.nn.init.normal_(second.network.encoder.weight, std=0.1)
    return [first, second]


def whole_bytes(images) -> np.ndarray:
    return (255 * images).round().byte().numpy()


def test_pictures_are_of_the_chosen_images(models, batch):
    arrays, facts = analyse(models, batch, batch, KIND, SETTINGS)
    numbers = ("kl_per_latent", "nearest_distances", "codes", "labels")
    images = {name: array for name, array in arrays.items() if name not in numbers}
    assert (images["characters_clean"] == whole_bytes(batch.clean[[2, 0]])).all()
    assert (images["characters_noisy"] == whole_bytes(batch.noisy[[2, 0]])).all()
    assert images["sheet_reconstructed"].shape == (25, 144)
    assert images["traversal"].shape == (3, 7, 144)
    assert images["prior_samples"].shape == (4, 144)
    assert all(array.dtype == np.uint8 for array in images.values())
    assert facts["shape"] == [12, 12] and facts["characters"] == "CA"


def test_pictures_are_decoded_by_the_model_of_the_first_seed(models, batch):
    arrays, facts = analyse(models, batch, batch, KIND, SETTINGS)
    reconstructed = models[0].reconstruct(batch.noisy[:25]).flatten(1)
    assert (arrays["sheet_noisy"] == whole_bytes(batch.noisy[:25])).all()
    assert (arrays["sheet_reconstructed"] == whole_bytes(reconstructed)).all()
    assert (arrays["prior_samples"] == whole_bytes(models[0].sample(4, 0).flatten(1))).all()
    order = facts["traversal"]["latents"]
    start = models[0].encode(batch.noisy[[2]])[0]
    start[order[1]] = 2.0
    end = whole_bytes(models[0].decode_pixels(start[None]))[0]
    assert (arrays["traversal"][1, -1] == end).all()


def test_the_nearest_training_images_of_the_first_samples(models, batch):
    train = Batch(batch.noisy, torch.rand(40, 144), batch.labels)
    arrays, _ = analyse(models, train, batch, KIND, SETTINGS)
    samples = models[0].sample(4, 0).flatten(1)
    gaps = ((samples[:, None] - train.clean) ** 2).mean(-1).sqrt()
    assert np.allclose(arrays["nearest_distances"], gaps.min(1).values)
    assert (arrays["nearest"] == whole_bytes(train.clean[gaps.argmin(1)])).all()


def test_the_plane_is_that_of_the_two_latents_of_most_kl(models, batch):
    arrays, facts = analyse(models, batch, batch, KIND, SETTINGS)
    expected = models[0].encode(batch.noisy)[:, facts["traversal"]["latents"][:2]]
    assert np.allclose(arrays["codes"], expected)
    assert arrays["labels"].tolist() == batch.labels.tolist()
    assert facts["classes"] == ["A", "B", "C"]


def test_kl_is_that_of_every_seed_and_orders_the_traversal(models, batch):
    arrays, facts = analyse(models, batch, batch, KIND, SETTINGS)
    kl = arrays["kl_per_latent"]
    expected = [model.network.mean_kl(batch.noisy).numpy() for model in models]
    assert kl.shape == (2, 3) and np.allclose(kl, expected)
    assert not np.allclose(kl[0], kl[1])
    assert facts["traversal"] == {"latents": np.argsort(-kl[0]).tolist(), "span": 2.0}


def test_a_sheet_larger_than_the_test_split_names_the_key(models, batch):
    with pytest.raises(InputError, match=r"studies\.letters\.analysis\.sheet_side: 8 x 8"):
        analyse(models, batch, batch, KIND, SETTINGS | {"sheet_side": 8})


def test_traversal_over_two_latents_is_a_grid():
    path = torch.tensor([-1.0, 0.0, 2.0])
    z = traversal(torch.zeros(2), torch.arange(2), path)
    assert z[0, 0].tolist() == [-1.0, 2.0]
    assert z[2, 2].tolist() == [2.0, -1.0]


def test_traversal_moves_one_latent_a_row():
    start, path = torch.tensor([0.5, 0.6, 0.7]), torch.tensor([-1.0, 1.0])
    z = traversal(start, torch.tensor([2, 0, 1]), path)
    assert z[0].tolist() == [[0.5, pytest.approx(0.6), -1.0], [0.5, pytest.approx(0.6), 1.0]]
    assert z[1, :, 0].tolist() == [-1.0, 1.0]
