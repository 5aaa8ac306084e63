import json
import re
import resource
import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from unit.toys import config, linear_model

from vaepipe.core.errors import InputError
from vaepipe.models import saved
from vaepipe.models.saved import CONFIG, WEIGHTS, load
from vaepipe.models.weights import save_weights


@pytest.fixture
def model():
    return linear_model(24, 3, (4, 6))


def body(hidden) -> dict:
    return {"hidden": hidden, "activation": "relu"}


BYTES = np.random.default_rng(0).integers(0, 256, (5, 4, 6), dtype=np.uint8)
FLOATS = BYTES.astype(np.float32) / np.float32(255)


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("tensor", [False, True])
@pytest.mark.parametrize("images", [BYTES, FLOATS, FLOATS.astype(np.float64)])
def test_images_may_come_in_any_form(model, images, tensor, rows):
    given = images.reshape(5, 24) if rows else images
    given = torch.tensor(given) if tensor else given
    before = given.clone() if tensor else given.copy()
    expected = model.network.encode(torch.tensor(FLOATS).reshape(5, 24))
    assert torch.allclose(model.encode(given), expected, atol=1e-6)
    decoded = model.likelihood.mean(model.network.decode(expected)).reshape(5, 4, 6)
    assert torch.allclose(model.reconstruct(given), decoded, atol=1e-6)
    assert (given == before).all()


def test_what_comes_out_is_torch_without_gradients(model):
    codes = model.encode(FLOATS)
    images = model.decode(codes.numpy())
    assert isinstance(codes, torch.Tensor) and isinstance(images, torch.Tensor)
    assert codes.shape == (5, 3) and images.shape == (5, 4, 6)
    assert not codes.requires_grad and not images.requires_grad
    assert torch.equal(images, model.decode(codes))
    assert images.min() >= 0 and images.max() <= 1


def test_images_of_colour_come_and_go_in_their_shape():
    model = linear_model(60, 3, (4, 5, 3))
    images = np.random.default_rng(0).integers(0, 256, (5, 4, 5, 3), dtype=np.uint8)
    codes = model.encode(images)
    assert torch.equal(codes, model.encode(images.reshape(5, 60)))
    decoded = model.decode(codes)
    assert decoded.shape == model.sample(5, seed=0).shape == (5, 4, 5, 3)
    assert torch.equal(decoded.flatten(1), model.decode_pixels(codes))
    first = refused(model.encode, images.transpose(0, 3, 1, 2))
    assert "must be (n, 60) or (n, 4, 5, 3), but these are (5, 3, 4, 5)" in first


def refused(call, given) -> str:
    with pytest.raises(InputError) as caught:
        call(given)
    message = str(caught.value)
    assert "\n" not in message
    return message


def with_one(value: float) -> np.ndarray:
    images = FLOATS.copy()
    images[2, 1, 1] = value
    return images


@pytest.mark.parametrize(
    ("images", "expected"),
    [
        (BYTES.astype(np.float32), "give 0..255 as uint8, or divide by 255"),
        (with_one(-0.01), r"must lie in \[0, 1\]"),
        (with_one(1.01), r"must lie in \[0, 1\]"),
        (with_one(np.nan), r"must lie in \[0, 1\]"),
        (BYTES.astype(np.int64), "must be uint8 or floats, but these are torch.int64"),
        (BYTES.astype(np.int8), "must be uint8 or floats, but these are torch.int8"),
        (BYTES > 100, "must be uint8 or floats, but these are torch.bool"),
        (FLOATS[:, :3], r"must be \(n, 24\) or \(n, 4, 6\), but these are \(5, 3, 6\)"),
        (FLOATS.transpose(0, 2, 1), r"but these are \(5, 6, 4\)"),
        (FLOATS[0], r"but these are \(4, 6\)"),
        (FLOATS.reshape(5, 24)[0], r"but these are \(24,\)"),
        (FLOATS[None], r"but these are \(1, 5, 4, 6\)"),
        (np.float32(0.5), r"but these are \(\)"),
    ],
)
@pytest.mark.parametrize("tensor", [False, True])
def test_images_that_cannot_be_meant_are_refused_in_one_line(model, images, expected, tensor):
    given = torch.as_tensor(images) if tensor else images
    for call in (model.encode, model.reconstruct):
        assert re.search(expected, refused(call, given))


@pytest.mark.parametrize("shape", [(5, 2), (5, 4), (3,), (1, 5, 3)])
def test_latents_of_a_wrong_size_are_refused_in_one_line(model, shape):
    for latents in (np.zeros(shape, np.float32), torch.zeros(shape)):
        assert f"latents must be (n, 3), but these are {shape}" in refused(model.decode, latents)


def test_no_images_are_no_error(model):
    assert model.encode(FLOATS[:0]).shape == (0, 3)


def test_samples_come_from_their_seed(model):
    assert model.sample(4, 0).shape == (4, 4, 6)
    assert torch.equal(model.sample(4, 0), model.sample(4, 0))
    assert not torch.equal(model.sample(4, 0), model.sample(4, 1))
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(model.sample(4, 0), model.decode(z))


def test_rows_of_pixels_are_decoded_in_any_number_of_dimensions(model):
    z = torch.randn(2, 5, 3)
    assert model.decode_pixels(z).shape == (2, 5, 24)
    assert torch.allclose(model.decode_pixels(z)[1].reshape(5, 4, 6), model.decode(z[1]))


@pytest.fixture
def folder(tmp_path):
    """A folder with weights of the seeds 3 and 5."""
    weights = {}
    for seed in config()["training"]["seeds"]:
        torch.manual_seed(seed)
        weights[seed] = saved.build_network(config()).state_dict()
    save_weights(tmp_path / WEIGHTS, {f"seed-{s}": state for s, state in weights.items()})
    (tmp_path / CONFIG).write_text(json.dumps(config()))
    return tmp_path, weights


def test_load_gives_the_model_back(folder):
    path, weights = folder
    model = load(path, 5)
    state = model.network.state_dict()
    assert torch.equal(state["decoder.0.weight"], weights[5]["decoder.0.weight"])
    assert list(state) == list(weights[5])
    assert not model.network.training
    assert model.shape == (4, 4)
    images = torch.rand(90, 16)
    assert model.encode(images).shape == (90, 2)
    assert model.decode(torch.zeros(3, 2)).shape == (3, 4, 4)
    reconstructed = model.reconstruct(images)
    assert reconstructed.shape == (90, 4, 4)
    assert reconstructed.min() >= 0 and reconstructed.max() <= 1
    assert torch.equal(model.sample(4, 0), model.sample(4, 0))
    assert not torch.equal(model.sample(4, 0), model.sample(4, 1))


def test_load_refuses_what_it_cannot_use(folder):
    path, _ = folder
    with pytest.raises(InputError, match="no seed 4; it has 3, 5"):
        load(path, 4)
    content = (path / WEIGHTS).read_bytes()
    for wrong in (b"", content[:100], content[:-10], b"\x80\x04pickle"):
        (path / WEIGHTS).write_bytes(wrong)
        with pytest.raises(InputError, match=r"model\.safetensors: not a readable"):
            load(path)
    (path / WEIGHTS).unlink()
    with pytest.raises(InputError, match=r"model\.safetensors: no such file"):
        load(path)
    (path / CONFIG).unlink()
    with pytest.raises(InputError, match=r"config\.json: no such file"):
        load(path)


def test_load_refuses_weights_that_do_not_fit(folder):
    path, _ = folder
    (path / CONFIG).write_text(json.dumps(config() | {"shape": [5, 5]}))
    with pytest.raises(InputError, match="does not fit"):
        load(path)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"model": {"latent": 2, **body([400000])}},
            "encoder.0.weight: expected.*400000",
        ),
        (
            {"model": {"latent": 2, **body([10**10, 10**10])}},
            "does not fit",
        ),
        ({"model": {"latent": 10**30, **body([8])}}, "does not fit"),
        ({"model": {"latent": -2, **body([8])}}, "does not fit"),
        ({"model": {"latent": 2, **body("wide")}}, "does not fit"),
        ({"model": {"latent": 2}}, "does not fit"),
        ({"model": {"latent": 2, **body([8]), "depth": 1}}, "does not fit"),
        ({"model": {"hidden": [8]}}, "config.json: model.latent: field required"),
        ({"shape": [4, 4.5]}, "config.json: shape.1: input should be a valid integer"),
        ({"shape": []}, "config.json: shape"),
        ({"kind": "os"}, "does not fit.*no module named 'vaepipe.models.kinds.os'"),
        ({"kind": "..saved"}, "config.json: kind: string should match pattern"),
        ({"likelihood": 1}, "config.json: likelihood"),
        ({"training": {"seeds": ["3"]}}, "config.json: training.seeds.0"),
        ({"training": {"seeds": [9]}}, "does not fit.*expected torch.float32.*found nothing"),
        ({"training": None}, "config.json: training"),
    ],
)
def test_load_refuses_a_hostile_configuration_before_it_is_built(folder, change, expected):
    path, _ = folder
    (path / CONFIG).write_text(json.dumps(config() | change))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match=f"(?i){expected}") as caught:
        load(path)
    assert "\n" not in str(caught.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < before + 20_000  # kilobytes


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float8_e4m3fn, torch.float16])
def test_load_refuses_weights_of_another_type(folder, dtype):
    path, weights = folder
    cast = {f"seed-{s}": {n: t.to(dtype) for n, t in state.items()} for s, state in weights.items()}
    save_weights(path / WEIGHTS, cast)
    with pytest.raises(InputError, match=r"model\.safetensors: .*(float16|float8)"):
        load(path)


def test_building_a_network_takes_the_parts_that_are_named(monkeypatch):
    kind, named_body = ModuleType("kind"), ModuleType("body")
    kind.build = lambda *given: given
    monkeypatch.setitem(sys.modules, "vaepipe.models.kinds.toy", kind)
    monkeypatch.setitem(sys.modules, "vaepipe.models.bodies.toy", named_body)
    named = config() | {"kind": "toy", "body": "toy"}
    assert saved.build_network(named) == (named_body, 1, named)
