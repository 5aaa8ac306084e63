"""The training of a variant as a script, killed and run again."""

import csv
import json
import math
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from ruamel.yaml import YAML
from safetensors.numpy import load_file
from unit import toys

from vaepipe.core.errors import InputError
from vaepipe.datasets.images import Kind, writing
from vaepipe.learning.training import OUTPUTS, check_batches, train_variant
from vaepipe.params import dump, load_params, read_variant

EPOCHS, STEPS, SEEDS = 4, 3, (0, 1)

KILLED = """
import os, runpy, signal, sys
sys.path.insert(0, os.path.realpath("src"))
from vaepipe.models.optimiser import Adam
step, left = Adam.step, int(sys.argv.pop(1))
def count(*given):
    global left
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    step(*given)
Adam.step = count
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""The script in the arguments, which kills itself at a step of the optimiser."""


@pytest.fixture
def folders(tmp_path):
    """Two projects with the same random images, whose code is this project's."""
    params = YAML(typ="safe").load(ROOT / "params.yaml")
    letters = params["studies"]["letters"]
    letters["model"]["hidden"] = [16]
    letters["training"] |= {
        "epochs": EPOCHS,
        "seeds": list(SEEDS),
        "batch_losses": True,
        "snapshots": 2,
        "device": "cpu",
    }
    for name in letters["variants"]:
        params["variants"][name]["training"]["warmup_epochs"] = 2
    kind = Kind((28, 28), tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "test")
    folders = [tmp_path / "whole", tmp_path / "killed"]
    for folder in folders:
        (folder / "data").mkdir(parents=True)
        for name in ("src", "workflow"):
            (folder / name).symlink_to(ROOT / name)
        shutil.copy(ROOT / "dvc.yaml", folder)
        YAML(typ="safe").dump(params, folder / "params.yaml")
        generator = np.random.default_rng(0)
        for name, count in (("train", 200 * STEPS), ("test", 100)):
            pixels = generator.integers(0, 256, (count, 784)).astype(np.float32) / np.float32(255)
            path = folder / "data" / f"{name}.parquet"
            with writing(path, kind, ["clean", "noisy"], np.float32) as file:
                file.write(np.arange(count) % 26, pixels, pixels)
    return folders


def test_states_belong_to_the_code_of_the_parts_that_are_chosen(folders):
    """Also of those that are chosen by name: an edit of one begins anew."""
    folder = folders[0]
    for name in ("src", "workflow"):
        (folder / name).unlink()
        shutil.copytree(ROOT / name, folder / name)
    assert start(folder, "-c", KILLED, str(STEPS * 2)).wait() == -signal.SIGKILL
    for part in ("kinds/vae", "bodies/mlp", "objectives/elbo", "likelihoods/bernoulli"):
        path = folder / f"src/vaepipe/models/{part}.py"
        path.write_text(path.read_text() + "# edited\n")
        assert start(folder, "-c", KILLED, str(STEPS * 2)).wait() == -signal.SIGKILL
        assert "resumed" not in (folder / "logs/model.log").read_text()
    assert start(folder).wait() == 0
    assert "seed 0: resumed after epoch" in (folder / "logs/model.log").read_text()


def test_a_network_that_no_memory_holds_is_refused_before_it_is_built(folders, monkeypatch):
    monkeypatch.chdir(folders[0])
    config = read_variant("vae_2", dump(load_params()))
    config["model"]["hidden"] = [10**6, 10**6, 10**6]
    outputs = [Path("model", name) for name in OUTPUTS]
    with pytest.raises(InputError, match=r"variants\.vae_2.*parameters.*GB of memory, but cpu has"):
        train_variant(config, Path("data"), *outputs)


def start(folder: Path, *before: str) -> subprocess.Popen:
    """Start the script, behind other arguments of the interpreter."""
    command = [sys.executable, *before, "workflow/scripts/train.py", "vae_2", "data", "model"]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)


def test_a_killed_training_resumes_and_ends_in_the_same_bytes(folders):
    whole, killed = folders
    uninterrupted = start(whole)
    in_epoch_3 = STEPS * (EPOCHS + 2) + 1
    assert start(killed, "-c", KILLED, str(in_epoch_3)).wait() == -signal.SIGKILL
    log = killed / "logs/model.log"
    assert "seed 1 epoch 2/" in log.read_text()
    assert "seed 1 epoch 3/" not in log.read_text()
    assert not (killed / "model/model.safetensors").exists()

    again = start(killed)
    assert again.wait() == 0, again.stderr.read()
    assert uninterrupted.wait() == 0, uninterrupted.stderr.read()
    lines = [line.split(" ", 2)[2] for line in log.read_text().splitlines()]
    assert lines[2].startswith("seed 0: resumed after epoch")  # after device and images
    assert any(line.startswith("seed 1: resumed after epoch") for line in lines)
    assert not any(line.startswith("seed 1 epoch 1/") for line in lines)
    for name in OUTPUTS:
        assert (killed / "model" / name).read_bytes() == (whole / "model" / name).read_bytes()
    assert sorted(path.name for path in (killed / "model").iterdir()) == sorted(OUTPUTS)
    assert not list((killed / ".cache/training/letters").iterdir())
    with (killed / "model/history.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(SEEDS) * EPOCHS * 2
    assert all(math.isfinite(float(row["total"])) for row in rows)
    with (killed / "model/batches.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(SEEDS) * EPOCHS * STEPS
    snapshots = load_file(killed / "model/snapshots.safetensors")
    assert {name: images.shape for name, images in snapshots.items()} == {
        f"seed-{seed}": (EPOCHS, 2, 784) for seed in SEEDS
    }
    trained = json.loads((killed / "model/config.json").read_text())
    assert trained["shape"] == [28, 28] and trained["variant"] == "vae_2"
    facts = [json.loads(line) for line in log.with_suffix(".jsonl").read_text().splitlines()]
    assert "device" in facts[0] and facts[1] == {"images": 200 * STEPS}
    assert sum("resumed" in fact for fact in facts) == 2


@pytest.mark.parametrize(("size", "fitted"), [(8, 17), (16, 17), (1, 5)])
def test_a_batch_of_one_image_cannot_be_normalised(size, fitted):
    model = {"latent": 2, "latent_activation": None, "hidden": [3]}
    settings = toys.config(batch_size=size) | {"kind": "autoencoder", "body": "dense_norm"}
    settings |= {"model": model, "likelihood": "centred_gaussian"}
    with pytest.raises(InputError, match=rf"vae_x\.training\.batch_size: of {fitted} .* alone"):
        check_batches(settings, fitted)
    check_batches(settings | {"training": toys.config(batch_size=6)["training"]}, 17)
    check_batches(toys.config(batch_size=size), fitted)
