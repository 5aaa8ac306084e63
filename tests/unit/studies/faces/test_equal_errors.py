import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter, shift
from scipy.spatial.distance import cdist
from skimage.metrics import structural_similarity

from vaepipe.studies.faces.equal_errors import (
    IMPLAUSIBLE,
    PLAUSIBLE,
    TOLERANCE,
    blot,
    equal_errors,
    matched,
)

SHAPE = (20, 16, 3)
PIXELS = 960


def smooth(count: int, seed: int) -> torch.Tensor:
    """Smooth images from 0 to 1, each second one darker."""
    noise = np.random.default_rng(seed).standard_normal((count, *SHAPE))
    found = gaussian_filter(noise, (0, 2, 2, 0), mode="nearest")
    found = (found - found.min()) / np.ptp(found)
    found[1::2] **= 3
    return torch.from_numpy(found).float().flatten(1)


@pytest.fixture(scope="module")
def found():
    images, train = smooth(6, 0), smooth(30, 1)
    rows, altered = equal_errors(images, train, SHAPE, 0)
    return images[rows], train, rows, altered


def test_all_have_the_error_of_a_shift_by_one_pixel(found):
    images, _, rows, altered = found
    assert rows.tolist() == list(range(6))
    assert images.min() == 0
    assert list(altered) == [*PLAUSIBLE, *IMPLAUSIBLE]
    originals = images.double().numpy()
    moved = shift(originals.reshape(-1, *SHAPE), (0, 0, 1, 0), order=0, mode="nearest")
    assert altered["shifted"].images.numpy() == pytest.approx(moved.reshape(6, PIXELS))
    errors = ((moved.reshape(6, PIXELS) - originals) ** 2).mean(1)
    for of in altered.values():
        assert of.mse == pytest.approx(errors, abs=TOLERANCE)
        measured = ((of.images.double().numpy() - originals) ** 2).mean(1)
        assert of.mse == pytest.approx(measured, rel=1e-6)
        assert of.images.min() >= 0 and of.images.max() <= 1


def test_similarity_and_distance_are_those_of_others(found):
    images, train, _, altered = found
    for of in altered.values():
        expected = [
            structural_similarity(
                one.double().numpy().reshape(SHAPE),
                other.double().numpy().reshape(SHAPE),
                data_range=1,
                channel_axis=2,
                gaussian_weights=True,
                sigma=1.5,
                use_sample_covariance=False,
            )
            for one, other in zip(images, of.images, strict=True)
        ]
        assert of.ssim == pytest.approx(np.array(expected), abs=1e-6)
        gaps = cdist(of.images, train).min(1) / PIXELS**0.5
        assert of.nearest == pytest.approx(gaps, rel=1e-4)


def test_each_error_lies_where_it_is_said_to(found):
    images, _, _, altered = found
    gaps = {name: (of.images - images).reshape(-1, *SHAPE).double() for name, of in altered.items()}
    assert (gaps["shaded"] <= 0).all() and not gaps["shaded"][:, :, 0].any()
    columns = gaps["shaded"].mean((0, 1, 3))
    assert (columns.diff() < 0).all()
    inside = blot(SHAPE).reshape(SHAPE).bool()
    assert not gaps["blot"][:, ~inside].any() and (gaps["blot"][:, inside] != 0).any(1).all()
    dark = images.reshape(-1, *SHAPE)[:, inside].mean(1) < 0.5
    assert set(dark.tolist()) == {False, True}
    for gap, is_dark in zip(gaps["blot"][:, inside], dark, strict=True):
        assert (gap >= 0).all() if is_dark else (gap <= 0).all()
    noise = gaps["noise"].reshape(6, PIXELS).numpy()
    assert np.abs(np.corrcoef(noise) - np.eye(6)).max() < 0.2
    assert np.abs(noise.mean(1)).max() < 0.2 * noise.std()
    assert not np.allclose(gaps["noise"][..., 0], gaps["noise"][..., 1])


def test_a_blot_is_a_disc_in_the_middle():
    disc = blot((6, 8)).reshape(6, 8)
    assert disc.sum() == 4 and (disc[2:4, 3:5] == 1).all()
    assert torch.equal(blot((6, 8, 3)).reshape(6, 8, 3)[..., 2], disc)


def test_what_cannot_be_matched_is_left_out():
    images = smooth(3, 0)
    images[1] = 0.4  # a shift leaves it as it is
    stripes = (torch.arange(16) % 2).float().repeat(20, 1)
    images[2] = stripes[..., None].expand(SHAPE).flatten()  # no blot reaches the error of a shift
    rows, altered = equal_errors(images, smooth(9, 1), SHAPE, 0)
    assert rows.tolist() == [0]
    assert all(len(of.images) == len(of.mse) == 1 for of in altered.values())


def test_bisection_finds_a_known_strength():
    images = torch.full((2, 1000), 51 / 255)
    target = torch.tensor([(10 / 255) ** 2, (20 / 255) ** 2], dtype=torch.double)
    found = matched(lambda strength: images + strength, images, target, 0.9)
    assert (255 * found[:, 0]).tolist() == pytest.approx([61, 71], abs=0.01)


def test_the_noise_depends_on_the_seed_alone():
    images, train = smooth(2, 0), smooth(9, 1)
    first, again, other = (equal_errors(images, train, SHAPE, seed)[1] for seed in (0, 0, 1))
    assert torch.equal(first["noise"].images, again["noise"].images)
    assert not torch.equal(first["noise"].images, other["noise"].images)
    assert torch.equal(first["blot"].images, other["blot"].images)
