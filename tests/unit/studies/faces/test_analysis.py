"""Against linear decoders, whose changes are known, and cases worked out by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind
from vaepipe.models.batch import Batch
from vaepipe.models.kinds.autoencoder import Autoencoder
from vaepipe.models.likelihoods.centred_gaussian import Likelihood
from vaepipe.models.saved import Model
from vaepipe.studies.faces.analysis import (
    analyse,
    blended,
    described,
    measure_blends,
    most_moving,
    pairs,
    raised,
    scrambled,
)

SHAPE = (6, 4, 3)
SETTINGS = {"pictures": 3, "changed": 2, "alphas": [1.0, 0.5, 0.0], "pairs": 50, "seed": 1}


def linear(weight: torch.Tensor) -> Model:
    """A decoder whose image is (1 + W z) / 2; latents are the first pixels."""
    pixels, latent = weight.shape
    encoder, decoder = nn.Linear(pixels, latent), nn.Linear(latent, pixels)
    with torch.no_grad():
        encoder.weight.copy_(torch.eye(latent, pixels))
        decoder.weight.copy_(weight)
        encoder.bias.zero_(), decoder.bias.zero_()
    return Model(Autoencoder(encoder, decoder, latent), Likelihood(0.1), SHAPE)


def batch(count: int, seed: int) -> Batch:
    images = torch.rand(count, 72, generator=torch.Generator().manual_seed(seed))
    return Batch(images, images, torch.zeros(count, dtype=torch.long))


def test_the_elements_that_move_most_are_those_of_largest_weight_times_deviation():
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(72, 5, generator=generator)
    codes = torch.randn(40, 5, generator=generator) * torch.tensor([1.0, 3, 0, 0.1, 2]) + 4
    moved = (weight * codes.std(0)).square().mean(0)
    assert (
        most_moving(linear(weight), codes, 4).tolist()
        == moved.argsort(descending=True)[:4].tolist()
    )


def test_one_element_alone_is_raised():
    codes = torch.arange(6.0).reshape(2, 3)
    assert raised(codes, torch.tensor(1), torch.tensor(0.5)).tolist() == [[0, 1.5, 2], [3, 4.5, 5]]
    assert codes.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_noise_has_the_values_of_latents_in_each_element_of_different_images():
    codes = torch.arange(2000.0).reshape(100, 20)
    noise = scrambled(codes, 3)
    assert (noise % 20).tolist() == list(range(20))
    assert len((noise // 20).unique()) > 10
    assert torch.equal(noise, scrambled(codes, 3))
    assert not torch.equal(noise, scrambled(codes, 4))


def test_blends_go_from_the_latents_to_the_noise():
    codes, noise = torch.rand(3, 4), torch.rand(4)
    assert torch.equal(blended(codes, noise, 1.0), codes)
    torch.testing.assert_close(blended(codes, noise, 0.0), noise.expand(3, 4))
    torch.testing.assert_close(blended(codes, noise, 0.25), 0.25 * codes + 0.75 * noise)


def test_a_change_is_described_by_where_it_lies():
    change = torch.zeros(2, *SHAPE)
    change[:, 0, 0, 0] = 0.5
    change[:, 5, 3, 2] = -0.1
    found = described(change.flatten(1), SHAPE)
    energy = 0.25 + 0.01
    assert found["rms"] == pytest.approx((energy / 72) ** 0.5)
    assert found["brightness"] == pytest.approx(0.4 / 72)
    assert found["thirds"] == pytest.approx([0.25 / energy, 0, 0.01 / energy])
    assert found["colours"] == pytest.approx([0.25 / energy, 0, 0.01 / energy])
    assert found["extent"] == pytest.approx(1 / 24)
    nothing = described(torch.zeros(2, 72), SHAPE)
    assert nothing["rms"] == 0 and nothing["thirds"] == [0, 0, 0] and nothing["extent"] <= 1


def test_blends_of_a_linear_decoder_are_as_far_apart_as_alpha_squared():
    generator = torch.Generator().manual_seed(0)
    model = linear(torch.randn(72, 5, generator=generator))
    codes, noise = torch.randn(30, 5, generator=generator), torch.randn(5, generator=generator)
    clean = torch.rand(30, 72, generator=generator)
    found = measure_blends(model, codes, noise, clean, SETTINGS | {"alphas": [1.0, 0.8, 0.2]})
    apart = np.array(found["apart"])
    np.testing.assert_allclose(apart / apart[0], [1, 0.64, 0.04], rtol=1e-4)
    moved, foreign = np.array(found["moved"]), np.array(found["foreign"])
    np.testing.assert_allclose(moved, [0, 0.04 * foreign[0], 0.64 * foreign[0]], atol=1e-6)
    own = model.decode_pixels(codes)
    assert found["error"][0] == pytest.approx((own - clean).square().mean().item(), rel=1e-5)


def test_pairs_are_of_different_images():
    one, other = pairs(3, 200, 0)
    assert len(one) == 200 and (one != other).all()
    assert set(one.tolist()) == set(other.tolist()) == {0, 1, 2}


def test_what_an_analysis_holds():
    models = [
        linear(torch.randn(72, 5, generator=torch.Generator().manual_seed(s))) for s in (0, 1)
    ]
    kind = Kind(SHAPE, ("a",), "data/raw/x.zip")
    train, test = batch(30, 0), batch(20, 1)
    arrays, facts = analyse(models, train, test, kind, SETTINGS)
    shapes = {name: of.shape for name, of in arrays.items()}
    assert shapes == {
        "originals": (3, 72),
        "decoded": (3, 72),
        "changes": (2, 3, 72),
        "blends": (3, 3, 72),
        "noise": (72,),
    }
    assert (arrays["blends"][0] == arrays["decoded"]).all()
    assert (arrays["blends"][2] == arrays["noise"]).all()
    assert facts["alive"] == [5, 5] and facts["trainable"] == 72 * 5 * 2 + 5 + 72
    assert len(facts["blends"]) == 2 and len(facts["changes"]) == 2
    for key, value in (("pictures", 21), ("changed", 6)):
        with pytest.raises(InputError, match=rf"analysis\.{key}"):
            analyse(models, train, test, kind, SETTINGS | {key: value})
