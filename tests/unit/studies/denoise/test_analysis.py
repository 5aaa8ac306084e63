"""Against cases worked out by hand, linear maps whose stretch is known, and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from torch import nn
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.generative.analysis import project
from vaepipe.models.batch import Batch
from vaepipe.models.distances import psnr
from vaepipe.models.kinds.autoencoder import Autoencoder
from vaepipe.models.kinds.classifier import Classifier
from vaepipe.models.likelihoods import bernoulli, categorical
from vaepipe.models.saved import Model
from vaepipe.studies.denoise.analysis import (
    analyse,
    confusion,
    extent,
    grid,
    most_confident,
    neighbourhood,
)

SETTINGS = {"pictures": 4, "grid_side": 3, "neighbours": 3, "mistakes": 5, "seed": 2}
KIND = Kind((4, 4), tuple("ABC"), "data/raw/x.csv")


def batch(count: int, seed: int) -> Batch:
    """Images brighter by class, and noise that has nothing to do with them."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(count) % 3
    clean = 0.7 * torch.rand(count, 16, generator=generator) + 0.1 * labels[:, None]
    return Batch(torch.rand(count, 16, generator=generator), clean, labels)


TRAIN, TEST = batch(90, 0), batch(60, 1)


def autoencoder(latent: int, relu: bool = False) -> Model:
    encoder = nn.Linear(16, latent)
    parts = nn.Sequential(encoder, nn.ReLU()) if relu else encoder
    return Model(Autoencoder(parts, nn.Linear(latent, 16), latent), bernoulli.Likelihood(), (4, 4))


def variational(latent: int) -> Model:
    model = linear_model(16, latent, (4, 4))
    nn.init.normal_(model.network.encoder.weight, std=0.3)
    return model


def classifier() -> Model:
    return Model(Classifier(nn.Linear(16, 3)), categorical.Likelihood(), (4, 4))


def analysed(models: list[Model], **changed) -> tuple[dict, dict]:
    return analyse(models, TRAIN, TEST, KIND, SETTINGS | changed)


def whole_bytes(images) -> np.ndarray:
    return (255 * images).round().byte().numpy()


@pytest.mark.parametrize("make", [autoencoder, variational])
@pytest.mark.parametrize("latent", [2, 3])
def test_what_a_decoder_has_is_of_clean_images_and_the_first_seed(make, latent):
    torch.manual_seed(3)
    both = [make(latent), make(latent)]
    first = both[0]
    arrays, facts = analysed(both)
    codes, known = first.encode(TEST.clean), TRAIN.labels.numpy()
    assert (arrays["originals"] == whole_bytes(TEST.clean[:4])).all()
    assert (arrays["decoded"] == whole_bytes(first.decode_pixels(codes))).all()
    assert (arrays["codes"] == codes.numpy()).all()
    plane, explained = project(codes)
    assert (arrays["plane"] == plane.numpy()).all() and facts["explained"] == explained
    assert (arrays["labels"] == TEST.labels.numpy()).all()
    assert facts["shape"] == [4, 4] and facts["classes"] == ["A", "B", "C"]
    assert facts["latent"] == latent and facts["on_axes"] == [0, 0]
    for seed, model in enumerate(both):
        seen, codes = model.encode(TRAIN.clean).numpy(), model.encode(TEST.clean).numpy()
        nearest = KNeighborsClassifier(3).fit(seen, known).predict(codes)
        middle, spread = seen.mean(0), seen.std(0)
        line = LogisticRegression(max_iter=5000).fit((seen - middle) / spread, known)
        for method, named in (
            ("knn", nearest),
            ("linear", line.predict((codes - middle) / spread)),
        ):
            right = named == TEST.labels.numpy()
            expected = [right[TEST.labels.numpy() == of].mean() for of in range(3)]
            assert np.allclose(arrays[method][seed], expected), method
        decoded = model.reconstruct(TEST.clean).flatten(1)
        names = ("neighbour_distance", "neighbour_control", "stretch")
        assert tuple(facts[name][seed] for name in names) == neighbourhood(
            model.encode(TEST.clean), decoded, TEST.clean, 2
        )
    assert np.allclose(arrays["confusion"].diagonal(), arrays["knn"][0])
    assert np.allclose(arrays["confusion"].sum(1), 1)
    assert ("grid" in arrays) == (latent == 2) == (facts["extent"] is not None)


def test_a_grid_of_two_latents_is_decoded_between_the_quantiles_of_the_codes():
    torch.manual_seed(0)
    other, model = autoencoder(2), autoencoder(2)
    arrays, facts = analysed([model, other])
    codes = model.encode(TEST.clean).numpy()
    ends = np.quantile(codes, [0.01, 0.99], 0).T
    assert np.allclose(facts["extent"], ends, atol=1e-6)
    (left, right), (low, high) = facts["extent"]
    corners = model.decode_pixels(torch.tensor([[left, high], [right, high], [left, low]]))
    assert arrays["grid"].shape == (2, 3, 3, 16)
    assert np.allclose(arrays["grid"][0][[0, 0, 2], [0, 2, 0]], whole_bytes(corners), atol=1)
    assert (analysed([other])[0]["grid"][0] == arrays["grid"][1]).all()


def test_a_grid_has_the_first_latent_to_the_right_and_the_second_upwards():
    z = grid(torch.tensor([[0.0, 4.0], [-1.0, 1.0]]), 3)
    assert z[..., 0].tolist() == 3 * [[0, 2, 4]]
    assert z[..., 1].tolist() == [[1, 1, 1], [0, 0, 0], [-1, -1, -1]]


def test_the_extent_leaves_a_hundredth_out_at_either_end():
    codes = torch.stack([torch.arange(101.0), -2 * torch.arange(101.0)], 1)
    assert extent(codes).tolist() == [[1, 99], [-198, -2]]


def test_codes_on_the_axes_are_counted():
    torch.manual_seed(0)
    model = autoencoder(2, relu=True)
    network = model.network.encoder[0]
    network.weight.data = torch.eye(16)[:2]
    network.bias.data = -TEST.clean[:, :2].quantile(0.75, 0)
    (share,) = analysed([model])[1]["on_axes"]
    codes = model.encode(TEST.clean)
    assert share == pytest.approx(1 - (codes > 0).all(1).double().mean().item())
    assert 0.75 <= share < 1


def test_components_have_accuracies_and_an_error_as_latents_have():
    facts = analysed([autoencoder(2)])[1]
    found, known = facts["principal"], TRAIN.labels.numpy()
    model = PCA(2).fit(TRAIN.clean.numpy())
    codes = [model.transform(of.clean.numpy()) for of in (TRAIN, TEST)]
    named = KNeighborsClassifier(3).fit(codes[0], known).predict(codes[1])
    labels = TEST.labels.numpy()
    expected = [(named == labels)[labels == of].mean() for of in range(3)]
    assert np.allclose(found["knn"], expected) and len(found["linear"]) == 3
    decoded = torch.from_numpy(model.inverse_transform(codes[1])).clip(0, 1)
    assert found["psnr"] == pytest.approx(psnr(decoded, TEST.clean), abs=1e-4)
    assert facts["alive"] == [2]


def test_a_model_whose_latents_are_all_zero_has_facts_too():
    model = autoencoder(2, relu=True)
    model.network.encoder[0].bias.data.fill_(-99)
    arrays, facts = analysed([model])
    assert facts["on_axes"] == facts["neighbour_distance"] == facts["stretch"] == [1.0]
    assert facts["alive"] == [0]
    assert facts["extent"] == [[0, 0], [0, 0]]
    assert all(np.isfinite(values).all() for values in arrays.values())


def test_images_that_change_evenly_along_the_codes_are_stretched_by_one():
    """All distances of images are those of the codes, times the same number."""
    codes = torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    distance, control, stretch = neighbourhood(codes, 7 * codes, 3 * codes, 0)
    assert control == pytest.approx(distance, rel=1e-5)
    assert stretch == pytest.approx(1)
    assert 0 < distance < 0.1  # of 400 points in a plane
    assert neighbourhood(100 * codes, 7 * codes, codes, 0)[2] == pytest.approx(1)


def test_neighbours_whose_images_are_drawn_at_random_are_as_far_apart_as_any_two():
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(500, 2, generator=generator)
    images = torch.rand(500, 256, generator=generator)
    distance, control, _ = neighbourhood(codes, images, codes, 0)
    assert distance == pytest.approx(1, abs=0.01) and control < 0.1
    assert neighbourhood(codes, codes, images, 0)[1] == pytest.approx(1, abs=0.01)


def test_neighbours_of_pairs_that_decode_alike_have_no_distance():
    codes = torch.stack([torch.arange(40.0) // 2 * 10 + torch.arange(40) % 2, torch.zeros(40)], 1)
    images = torch.randn(20, 8, generator=torch.Generator().manual_seed(0)).repeat_interleave(2, 0)
    assert neighbourhood(codes, images, images, 0) == (0, 0, 0)


def test_neighbourhood_by_hand():
    """Codes 0, 1, 3 and 7 on a line: the nearest of each is 1, 0, 1, 3, at 1, 1, 2, 4."""
    codes, images = torch.tensor([[0.0], [1], [3], [7]]), torch.tensor([[0.0], [2], [4], [5]])
    order = np.random.default_rng(5).permutation(4)
    pairs = list(zip(order, np.roll(order, 1), strict=True))
    usual = [
        np.median([abs(of[a, 0] - of[b, 0]) for a, b in pairs])
        for of in (codes.numpy(), images.numpy())
    ]
    distance, _, stretch = neighbourhood(codes, images, images, 5)
    assert distance == pytest.approx(2 / usual[1])
    steps = np.quantile([2 / 1, 2 / 1, 2 / 2, 1 / 4], 0.95)
    assert stretch == pytest.approx(steps * usual[0] / usual[1])


def test_equal_codes_are_no_step_of_a_stretch():
    codes = torch.tensor([[0.0], [0], [1], [3]])
    order = np.random.default_rng(0).permutation(4)
    pairs = list(zip(order, np.roll(order, 1), strict=True))
    usual = np.median([abs(codes[a, 0] - codes[b, 0]) for a, b in pairs])
    distance, _, stretch = neighbourhood(codes, codes, codes, 0)
    assert stretch == pytest.approx(1) and distance == pytest.approx(0.5 / usual)


def test_what_a_classifier_has_is_of_clean_images():
    torch.manual_seed(1)
    both = [classifier(), classifier()]
    arrays, facts = analysed(both)
    labels = TEST.labels.numpy()
    for seed, model in enumerate(both):
        found = arrays["probabilities"][seed]
        assert found.dtype == np.float32
        assert np.allclose(found, model.classify(TEST.clean).numpy())
    first = arrays["probabilities"][0]
    rows = most_confident(first, labels, 5)
    assert (arrays["mistakes"] == whole_bytes(TEST.clean[rows])).all()
    assert facts["mistakes"] == [
        {
            "label": "ABC"[labels[row]],
            "named": "ABC"[first[row].argmax()],
            "confidence": first[row].max(),
        }
        for row in rows
    ]
    assert (arrays["confusion"] == confusion(labels, first.argmax(1))).all()
    assert set(arrays) == {"probabilities", "mistakes", "confusion", "labels"}
    assert facts["shape"] == [4, 4] and facts["classes"] == ["A", "B", "C"]


def test_mistakes_are_the_most_confident_and_then_the_least_sure():
    first = np.array([0.9, 0.2, 0.6, 0.1, 0.7, 0.95])
    probabilities = np.stack([first, 1 - first], 1)
    labels = np.array([1, 1, 1, 0, 0, 0])
    # Wrong are the rows 0 (0.9), 2 (0.6) and 3 (0.9 of the second class).
    assert most_confident(probabilities, labels, 2).tolist() == [0, 3]
    assert most_confident(probabilities, labels, 5).tolist() == [0, 3, 2, 4, 1]


def test_confusion_by_hand():
    found = confusion(np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 0]))
    assert np.allclose(found, [[2 / 3, 1 / 3, 0], [0, 1 / 2, 1 / 2], [1, 0, 0]])


@pytest.mark.parametrize("key", ["pictures", "mistakes", "neighbours"])
def test_more_than_there_are_names_the_keys(key):
    most = {"pictures": 60, "mistakes": 60, "neighbours": 90}
    message = r"denoise\.analysis: `pictures` and `mistakes` .* the 60 test .* `neighbours` .* 90 "
    with pytest.raises(InputError, match=message):
        analysed([classifier()], **{key: most[key] + 1})
    analysed([autoencoder(2)], **most)


def test_a_class_without_a_test_image_is_named():
    with pytest.raises(InputError, match=r"data/raw/x\.csv: has no test image of the class 'C'"):
        analyse([classifier()], TRAIN, TEST[:2], KIND, SETTINGS | {"pictures": 1, "mistakes": 1})


def test_one_class_is_not_told_apart():
    train = TRAIN[(TRAIN.labels == 0).nonzero()[:, 0]]
    with pytest.raises(InputError, match=r"data/raw/x\.csv: its training images are all of one"):
        analyse([autoencoder(2)], train, TEST, KIND, SETTINGS)
