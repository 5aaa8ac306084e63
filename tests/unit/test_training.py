import csv
import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch

from vaepipe import vae
from vaepipe.machine.device import prepare
from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind, writing
from vaepipe.registry import BODIES, LIKELIHOODS, REGULARISERS
from vaepipe.training import (
    PURPOSES,
    Split,
    _stream,
    build_objective,
    build_optimiser,
    kl_weight,
    train,
)

ROOT = Path(__file__).resolve().parents[2]


def config(**training) -> dict:
    defaults = {
        "likelihood": "bernoulli",
        "regulariser": "kl",
        "l2": 0.001,
        "epochs": 4,
        "seeds": [3, 5],
        "batch_size": 16,
        "learning_rate": 0.01,
        "warmup_epochs": 2,
        "device": "cpu",
        "threads": 1,
    }
    return {
        "variant": "vae_x",
        "body": "mlp",
        "shape": [4, 4],
        "model": {"latent": 2, "hidden": [8]},
        "training": defaults | training,
    }


@pytest.fixture
def splits():
    prepare("cpu", 1)
    clean = torch.rand(90, 16, generator=torch.Generator().manual_seed(0)).round()
    return Split(0.9 * clean, clean), Split(0.9 * clean[:20], clean[:20])


def test_l2_gradient_of_the_optimiser_is_that_of_the_l2_term():
    torch.manual_seed(0)
    first = vae.build_vae(config())
    second = vae.build_vae(config())
    second.load_state_dict(first.state_dict())
    images, noise = torch.rand(5, 16), torch.randn(5, 2)

    def loss(model):
        output, posterior = model(images, noise)
        terms = build_objective(config()["training"]).terms(model, images, output, posterior)
        return terms.reconstruction.mean() + terms.kl.mean()

    ours = build_optimiser(first, 0.01, 0.05)
    plain = torch.optim.Adam(second.parameters(), 0.01)
    for _ in range(3):
        ours.zero_grad()
        loss(first).backward()
        ours.step()
        plain.zero_grad()
        l2 = sum((w**2).sum() for w in second.parameters() if w.ndim > 1)
        (loss(second) + 0.05 * l2).backward()
        plain.step()
    for a, b in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.allclose(a, b, atol=1e-6)


def test_no_two_streams_of_random_numbers_are_the_same():
    streams = [
        _stream(seed, purpose, epoch)
        for seed in (0, 1, 2, 256, 257, 2**24, 2**31)
        for purpose in PURPOSES
        for epoch in range(50)
    ]
    assert len(set(streams)) == len(streams)


def test_kl_weight_grows_linearly_to_one():
    assert [kl_weight(step, 4) for step in (0, 1, 2, 4, 9)] == [0, 0.25, 0.5, 1, 1]
    assert kl_weight(0, 0) == 1


def test_training_lowers_the_loss_and_history_adds_up(tmp_path, splits):
    weights, history = train(config(epochs=8), *splits, tmp_path)
    assert list(weights) == [3, 5]
    assert len(history) == 2 * 8 * 2
    for _seed, _epoch, _split, total, reconstruction, kl, l2, per_pixel in history:
        assert total == pytest.approx(reconstruction + kl + l2)
        assert per_pixel == pytest.approx(total / 16)
    first, last = (next(r for r in history if r[1] == e and r[2] == "test") for e in (1, 8))
    assert last[3] < first[3]


def test_history_of_an_untouched_model_is_the_mean_over_the_images(tmp_path, splits):
    """With a learning rate near 0 the epoch's average is that of the initial weights."""
    settings = config(epochs=1, seeds=[0], learning_rate=1e-12, l2=0.5)
    weights, history = train(settings, *splits, tmp_path)
    model = vae.build_vae(settings)
    model.load_state_dict(weights[0])
    l2 = 0.5 * sum((w**2).sum() for w in model.parameters() if w.ndim > 1)
    posterior = model.posterior(splits[0].noisy)
    kl = -0.5 * (1 + posterior.log_variance - posterior.mean**2 - posterior.log_variance.exp())
    assert history[0][6] == pytest.approx(l2.item(), rel=1e-4)
    assert history[0][5] == pytest.approx(kl.sum(-1).mean().item(), rel=1e-4)


def test_test_split_does_not_change_the_weights(tmp_path, splits):
    first, _ = train(config(), *splits, tmp_path / "a")
    other = Split(1 - splits[1].noisy, 1 - splits[1].clean)
    second, _ = train(config(), splits[0], other, tmp_path / "b")
    assert all(torch.equal(first[s][n], second[s][n]) for s in first for n in first[s])


def test_same_inputs_give_the_same_bits_and_other_seeds_others(tmp_path, splits):
    first, history = train(config(), *splits, tmp_path / "a")
    second, again = train(config(), *splits, tmp_path / "b")
    assert history == again
    assert all(torch.equal(first[s][n], second[s][n]) for s in first for n in first[s])
    assert not torch.equal(first[3]["encoder.0.weight"], first[5]["encoder.0.weight"])


def test_states_on_disk_continue_bitwise(tmp_path, splits):
    whole, history = train(config(), *splits, tmp_path / "whole")
    train(config(epochs=2), *splits, tmp_path / "parts")  # as if it had been interrupted
    continued, again = train(config(), *splits, tmp_path / "parts")
    assert again == history
    assert all(torch.equal(whole[s][n], continued[s][n]) for s in whole for n in whole[s])


def test_an_unreadable_state_is_started_anew(tmp_path, splits):
    whole, _ = train(config(), *splits, tmp_path / "whole")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/seed-3.safetensors").write_bytes(b"\x10garbage")
    again, _ = train(config(), *splits, tmp_path / "broken")
    assert all(torch.equal(whole[3][n], again[3][n]) for n in whole[3])


def test_batch_larger_than_the_data_names_the_key(tmp_path, splits):
    with pytest.raises(InputError, match=r"variants\.vae_x\.training\.batch_size: 91 .* 90"):
        train(config(batch_size=91), *splits, tmp_path)


def test_a_loss_that_diverges_names_the_learning_rate(tmp_path, splits):
    with pytest.raises(InputError, match=r"not finite.*variants\.vae_x\.training\.learning_rate"):
        train(config(learning_rate=1e6, epochs=30), *splits, tmp_path)


def test_cuda_where_there_is_none_is_an_error():
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(InputError, match="cuda"):
        prepare("cuda", 1)


def test_registry_has_what_the_configuration_allows():
    from typing import get_args

    from vaepipe.config import LettersTraining, Variant

    def names(section, key):
        return set(get_args(section.model_fields[key].annotation))

    assert names(Variant, "body") == set(BODIES)
    assert names(LettersTraining, "likelihood") == set(LIKELIHOODS)
    assert names(LettersTraining, "regulariser") == set(REGULARISERS)


@pytest.fixture
def saved(tmp_path, splits):
    settings = config(epochs=1)
    weights, _ = train(settings, *splits, tmp_path / "states")
    vae.save_weights(tmp_path / vae.WEIGHTS, weights)
    (tmp_path / vae.CONFIG).write_text(json.dumps(settings))
    return tmp_path, weights, splits[0]


def test_load_gives_the_model_back(saved):
    import vaepipe

    folder, weights, split = saved
    model = vaepipe.load(folder, 5)
    assert torch.equal(model.state_dict()["decoder.0.weight"], weights[5]["decoder.0.weight"])
    assert model.encode(split.noisy).shape == (90, 2)
    assert model.decode(torch.zeros(3, 2)).shape == (3, 16)
    images = model.reconstruct(split.noisy)
    assert images.shape == (90, 16)
    assert images.min() >= 0 and images.max() <= 1
    assert torch.equal(model.sample(4, 0), model.sample(4, 0))
    assert not torch.equal(model.sample(4, 0), model.sample(4, 1))


def test_load_refuses_what_it_cannot_use(saved):
    folder, _, _ = saved
    with pytest.raises(InputError, match="no seed 4; it has 3, 5"):
        vae.load(folder, 4)
    content = (folder / vae.WEIGHTS).read_bytes()
    for wrong in (b"", content[:100], content[:-10], b"\x80\x04pickle"):
        (folder / vae.WEIGHTS).write_bytes(wrong)
        with pytest.raises(InputError, match=r"model\.safetensors: not a readable"):
            vae.load(folder)
    (folder / vae.WEIGHTS).unlink()
    with pytest.raises(InputError, match=r"model\.safetensors: no such file"):
        vae.load(folder)


def test_load_refuses_weights_that_do_not_fit(saved):
    folder, _, _ = saved
    (folder / vae.CONFIG).write_text(json.dumps(config() | {"shape": [5, 5]}))
    with pytest.raises(InputError, match="does not fit"):
        vae.load(folder)


def write_images(folder: Path) -> None:
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    kind = Kind((28, 28), tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "test")
    for name, count in (("train", 2000), ("test", 100)):
        pixels = generator.integers(0, 256, (count, 784)).astype(np.float32) / np.float32(255)
        with writing(folder / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 26, pixels, pixels)


def start_training(folder: Path) -> subprocess.Popen:
    command = [sys.executable, ROOT / "workflow/scripts/train.py", "vae_2", "data", "model"]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE)


def test_a_killed_training_resumes_and_ends_in_the_same_bytes(tmp_path):
    for name in ("whole", "killed"):
        write_images(tmp_path / name / "data")
        (tmp_path / name / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    assert start_training(tmp_path / "whole").wait() == 0

    killed = tmp_path / "killed"
    process = start_training(killed)
    log = killed / "logs/model.log"
    while not (log.exists() and "seed 1 epoch 2/" in log.read_text()):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert not (killed / "model/model.safetensors").exists()

    assert start_training(killed).wait() == 0
    lines = [line.split(" ", 2)[2] for line in log.read_text().splitlines()]
    assert lines[2].startswith("seed 0: resumed after epoch")  # after device and images
    assert any(line.startswith("seed 1: resumed after epoch") for line in lines)
    assert not any(line.startswith("seed 1 epoch 1/") for line in lines)
    for name in ("model.safetensors", "history.csv", "config.json"):
        whole = (tmp_path / "whole/model" / name).read_bytes()
        assert (killed / "model" / name).read_bytes() == whole
    assert not list((killed / ".cache/training").iterdir())
    with (killed / "model/history.csv").open() as file:
        assert all(math.isfinite(float(row["total"])) for row in csv.DictReader(file))
