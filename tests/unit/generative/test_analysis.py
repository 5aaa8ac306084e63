"""Against cases worked out by hand, closed forms, quadrature, and scikit-learn."""

import numpy as np
import pytest
import torch
from numpy.polynomial.hermite_e import hermegauss
from scipy.stats import norm
from sklearn.decomposition import PCA
from torch import nn
from torch.distributions import Normal, kl_divergence
from unit.toys import linear_model

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.generative.analysis import (
    EXACT,
    analyse,
    confusion,
    gradients,
    grid,
    kl_estimates,
    medoids,
    project,
    ring,
)
from vaepipe.models.batch import Batch
from vaepipe.models.kinds.vae import VAE
from vaepipe.models.likelihoods.bernoulli import Likelihood
from vaepipe.models.saved import Model

SETTINGS = {
    "walk_steps": 5,
    "grid_side": 3,
    "prior_samples": 4,
    "draws": [1, 4],
    "repeats": 6,
    "images": 9,
    "neighbours": 3,
    "seed": 2,
}
KIND = Kind((4, 4), tuple("ABC"), "data/raw/x.csv")


@pytest.fixture
def batch():
    torch.manual_seed(0)
    clean = torch.rand(60, 16)
    return Batch((0.9 * clean + 0.1), clean, torch.arange(60) % 3)


def models(latent: int) -> list[Model]:
    """Of two seeds."""
    first, second = (linear_model(16, latent, (4, 4)) for _ in range(2))
    torch.manual_seed(1)
    nn.init.normal_(second.network.encoder.weight, std=0.3)
    return [first, second]


def whole_bytes(images) -> np.ndarray:
    return (255 * images).round().byte().numpy()


@pytest.mark.parametrize("latent", [2, 3])
def test_pictures_and_numbers_are_of_the_first_seed_and_the_kl_of_all(batch, latent):
    both = models(latent)
    first = both[0]
    arrays, facts = analyse("digits", both, batch, batch, KIND, SETTINGS)
    codes = first.encode(batch.noisy)
    kl = arrays["kl_per_latent"]
    order = torch.tensor(np.argsort(-kl[0]))
    assert np.allclose(kl, [of.network.mean_kl(batch.noisy).numpy() for of in both])
    assert facts["latents"] == order[:2].tolist()
    walk = ring(codes[medoids(codes, batch.labels, KIND)], 5)
    assert (arrays["ring"] == whole_bytes(first.decode_pixels(walk))).all()
    assert (arrays["grid"] == whole_bytes(first.decode_pixels(grid(codes, order, 3)))).all()
    assert (arrays["prior_samples"] == whole_bytes(first.sample(4, 2).flatten(1))).all()
    plane, explained = project(codes)
    assert np.allclose(arrays["codes"], plane) and facts["explained"] == explained
    assert (arrays["labels"] == batch.labels.numpy()).all()
    shares = confusion(first, batch, batch, codes, 3, SETTINGS)
    assert np.allclose(arrays["confusion"], shares)
    estimates, closed = kl_estimates(first, batch[:9], SETTINGS)
    assert np.allclose(arrays["kl_estimates"], estimates) and facts["kl"] == closed
    assert arrays["pathwise"].shape == arrays["score"].shape == (2, 6)
    assert facts["shape"] == [4, 4] and facts["classes"] == ["A", "B", "C"]
    assert facts["draws"] == [1, 4]


@pytest.mark.parametrize("key", ["images", "neighbours"])
def test_more_than_there_are_names_the_keys(batch, key):
    with pytest.raises(
        InputError,
        match=r"studies\.digits\.analysis: `images` .* the 50 test .* `neighbours` .* 60",
    ):
        most = {"images": 50, "neighbours": 60}
        analyse(
            "digits", models(2), batch, batch[:50], KIND, SETTINGS | most | {key: most[key] + 1}
        )


def test_a_medoid_is_the_code_nearest_to_the_mean_of_its_class():
    codes = torch.tensor([[0.0, 9.0], [5.0, 0.0], [1.0, 9.0], [4.0, 9.0], [10.0, 9.0], [8.0, 8.0]])
    labels = torch.tensor([0, 1, 0, 0, 0, 2])
    # The mean of A lies at 15 / 4, its median between 1 and 4.
    assert medoids(codes, labels, KIND).tolist() == [3, 1, 5]
    with pytest.raises(InputError, match=r"data/raw/x\.csv: has no image of the class 'B'"):
        medoids(codes, labels.clamp(max=0), KIND)


def test_a_ring_runs_in_equal_steps_from_anchor_to_anchor_and_back_to_the_first():
    anchors = torch.tensor([[0.0, 0.0], [4.0, 8.0], [4.0, 0.0]])
    z = ring(anchors, 4)
    assert z.shape == (3, 4, 2)
    assert z[:, 0].tolist() == anchors.tolist()
    assert z[0].tolist() == [[0, 0], [1, 2], [2, 4], [3, 6]]
    assert z[1].tolist() == [[4, 8], [4, 6], [4, 4], [4, 2]]
    assert z[2].tolist() == [[4, 0], [3, 0], [2, 0], [1, 0]]


def test_a_grid_has_the_quantiles_of_the_prior_in_two_latents_and_the_mean_in_others():
    codes = torch.tensor([[1.0, 2.0, 30.0, 7.0], [3.0, 4.0, 50.0, 9.0]])
    z = grid(codes, torch.tensor([2, 0, 1, 3]), 4)
    quantiles = norm.ppf([1 / 8, 3 / 8, 5 / 8, 7 / 8])
    assert z.shape == (4, 4, 4)
    for step, value in enumerate(quantiles):
        assert np.allclose(z[:, step, 2], value, atol=1e-6)  # the first to the right
        assert np.allclose(z[3 - step, :, 0], value, atol=1e-6)  # the second upwards
    assert (z[..., 1] == 3).all() and (z[..., 3] == 8).all()


def test_two_latents_stay_as_they_are():
    codes = torch.randn(9, 2)
    plane, explained = project(codes)
    assert plane is codes and explained == 1


def test_more_latents_are_projected_as_scikit_learn_does():
    torch.manual_seed(0)
    codes = torch.randn(200, 5) @ torch.randn(5, 5) + 3
    plane, explained = project(codes)
    expected = PCA(2, svd_solver="full").fit(codes.numpy())
    largest = np.abs(expected.components_).argmax(1)
    signs = np.sign(expected.components_[[0, 1], largest])
    assert np.allclose(plane, expected.transform(codes.numpy()) * signs, atol=1e-4)
    assert explained == pytest.approx(expected.explained_variance_ratio_.sum(), abs=1e-6)
    assert plane.dtype == codes.dtype
    turned, _ = project(-codes)  # its components are the same, with the same signs
    assert torch.allclose(turned, -plane, atol=1e-4)


def test_confusion_by_hand():
    """Codes are the images' first two pixels, and the nearest training image decides."""
    network = VAE(nn.Linear(4, 4, bias=False), nn.Linear(2, 4), 2)
    network.encoder.weight.data = torch.eye(4)
    model = Model(network, Likelihood(), (2, 2))

    def images(points: list[tuple[float, float]], labels: list[int]) -> Batch:
        noisy = torch.cat([torch.tensor(points), torch.zeros(len(points), 2)], 1)
        return Batch(noisy, torch.rand(noisy.shape), torch.tensor(labels))

    train = images([(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)], [0, 1, 2])
    test = images(
        [(0.1, 0.0), (0.2, 0.1), (0.9, 0.0), (0.8, 0.1), (0.0, 0.9), (0.1, 0.1)],
        [0, 0, 0, 1, 1, 2],
    )
    shares = confusion(model, train, test, model.encode(test.noisy), 3, {"neighbours": 1})
    expected = [[2 / 3, 1 / 3, 0], [0, 1 / 2, 1 / 2], [1, 0, 0]]
    assert np.allclose(shares, expected)


def test_estimates_of_the_kl_scatter_around_it_by_one_over_the_root_of_the_draws(batch):
    model, repeats = models(3)[1], 400
    settings = {"draws": [1, 16, 64], "repeats": repeats, "seed": 0}
    estimates, closed = kl_estimates(model, batch[:5], settings)
    posterior = model.network.posterior(batch.noisy[:5])
    q = Normal(posterior.mean, torch.exp(0.5 * posterior.log_variance))
    assert closed == pytest.approx(kl_divergence(q, Normal(0.0, 1.0)).sum(1).mean().item())
    assert estimates.shape == (3, repeats)
    error = estimates.std(1) / repeats**0.5
    assert ((estimates.mean(1) - closed).abs() < 4 * error).all()
    assert closed > 20 * error.max()  # so that another number would be told from it
    missed = (estimates - closed).square().mean(1).sqrt()
    assert missed[0] / missed[1] == pytest.approx(4, rel=0.15)
    assert missed[1] / missed[2] == pytest.approx(2, rel=0.15)
    again, _ = kl_estimates(model, batch[:5], settings)
    other, _ = kl_estimates(model, batch[:5], settings | {"seed": 1})
    assert torch.equal(again, estimates) and not torch.equal(other, estimates)


REPEATS = 2000


@pytest.fixture(scope="module")
def steep() -> tuple[Model, Batch]:
    """A model whose log-likelihood bends within the posterior, and an image."""
    model = linear_model(16, 2, (4, 4))
    torch.manual_seed(2)
    nn.init.normal_(model.network.decoder.weight, std=0.3)
    nn.init.normal_(model.network.encoder.weight, std=0.4)
    clean = (torch.rand(1, 16) > 0.5).float()
    return model, Batch(clean, clean, torch.tensor([0]))


@pytest.fixture(scope="module")
def estimated(steep):
    """Estimates of 1, 2 and 8 draws by either estimator, and the finite difference."""
    model, image = steep
    return gradients(model, image, {"draws": [1, 2, 8], "repeats": REPEATS, "seed": 0})


@pytest.fixture(scope="module")
def derivative(steep) -> tuple[float, float]:
    """The derivative and the spread of d log p / d z under the posterior, by quadrature.

    Gauss and Hermite's, with 60 points in each of the two latents, in double precision.
    """
    model, image = steep
    with torch.no_grad():
        posterior = model.network.posterior(image.noisy)
    mean, deviation = (
        posterior.mean[0].double(),
        torch.exp(0.5 * posterior.log_variance[0].double()),
    )
    points, weights = (torch.tensor(of) for of in hermegauss(60))
    noise = torch.cartesian_prod(points, points)
    weight = torch.cartesian_prod(weights, weights).prod(1) / (2 * np.pi)
    z = mean + deviation * noise
    z.requires_grad_()
    decoder = model.network.decoder
    logits = z @ decoder.weight.double().T + decoder.bias.double()
    values = -nn.functional.binary_cross_entropy_with_logits(
        logits, image.clean.double().expand_as(logits), reduction="none"
    ).sum(1)
    (slopes,) = torch.autograd.grad(values.sum(), z)
    kl = 0.5 * (mean**2 + deviation**2 - 1) - deviation.log()
    slope = slopes[:, int(kl.argmax())]
    expected = (weight * slope).sum()
    return expected.item(), (weight * (slope - expected) ** 2).sum().sqrt().item()


def test_both_estimates_of_a_derivative_have_it_as_their_mean(estimated, derivative):
    pathwise, score, _ = estimated
    expected, _ = derivative
    assert pathwise.shape == score.shape == (3, REPEATS)
    for estimates in (pathwise, score):
        error = estimates.std(1) / REPEATS**0.5
        assert ((estimates.mean(1) - expected).abs() < 4 * error).all()
    # So a baseline that took half of it away, as the mean over both draws would, were seen.
    assert abs(expected) / 2 > 8 * (score[1].std() / REPEATS**0.5)


def test_the_finite_difference_is_the_derivative_within_its_error(estimated, derivative):
    expected, spread = derivative
    assert abs(estimated[2] - expected) < 4 * spread / EXACT**0.5
    assert abs(expected) > 40 * spread / EXACT**0.5


def test_the_path_errs_less_than_the_score_and_a_baseline_helps_this(estimated, derivative):
    pathwise, score, _ = estimated
    missed, by_score = (
        (estimates - derivative[0]).square().mean(1).sqrt() for estimates in (pathwise, score)
    )
    assert (missed < 0.5 * by_score).all()
    assert missed[0] == pytest.approx(derivative[1], rel=0.1)
    assert missed[0] / missed[2] == pytest.approx(8**0.5, rel=0.1)
    assert by_score[0] / by_score[1] > 2 * 2**0.5
