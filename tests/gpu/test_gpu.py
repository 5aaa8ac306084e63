"""On a CUDA device: the whole graph, the same bytes again, the same measures as on the CPU.

For `make test-gpu`: without a device they fail. Of its memory 2 GB have to be free.
"""

import json
import re
import subprocess
import sys

import pytest
import torch
from conftest import CLEAN, Project, environment

from vaepipe.machine.gpus import count_gpus
from vaepipe.models.saved import load

SECTIONS = [f"studies.letters.{part}" for part in ("training", "evaluation", "analysis")]
DEVICES = [f"{section}.device" for section in (*SECTIONS, "judges.letters")]
MODELS = "results/letters/models"
WEIGHTS = [f"{MODELS}/{variant}/model.safetensors" for variant in ("vae_2", "vae_20")]

FILL = """
import sys, torch
free, total = torch.cuda.mem_get_info()
held = torch.empty(free - int(sys.argv[1]), dtype=torch.uint8, device="cuda")
print("full", flush=True)
sys.stdin.read()
"""
"""Holds a GPU's memory but for so many bytes, until its input ends."""


@pytest.fixture(scope="module")
def on_gpu(tmp_path_factory):
    """A small project all of whose networks are trained and measured on a GPU."""
    assert torch.cuda.is_available(), "torch finds no GPU"
    project = Project(tmp_path_factory.mktemp("gpu"))
    project.preloaded = False  # a fork of a process that used CUDA cannot
    project.edit(dict.fromkeys(DEVICES, "cuda"))
    project.snakemake()
    return project


def test_every_network_was_on_the_gpu(on_gpu):
    assert count_gpus() == torch.cuda.device_count()
    folders = ("judges", "letters/models", "letters/evaluations", "letters/analyses")
    logs = [log for folder in folders for log in on_gpu.folder.glob(f"logs/results/{folder}/*.log")]
    assert len(logs) == 7
    assert all("device: cuda:0, " in log.read_text() for log in logs)
    assert on_gpu.status() == CLEAN


def test_a_second_run_gives_the_same_bytes(on_gpu, tmp_path):
    again = on_gpu.copy(tmp_path / "again")
    again.run("rm", "-r", ".cache/training")
    assert "train vae_2" in again.snakemake("--forceall")
    for folder in ("judges", "letters/models", "letters/evaluations", "letters/analyses"):
        files = [path for path in (on_gpu.folder / "results" / folder).rglob("*") if path.is_file()]
        assert files
        for file in files:
            other = again.folder / file.relative_to(on_gpu.folder)
            assert other.read_bytes() == file.read_bytes(), file


def test_a_killed_training_goes_on_to_the_same_bytes(on_gpu, tmp_path):
    project = on_gpu.copy(tmp_path / "project")
    project.edit({"studies.letters.training.epochs": 60})
    train = ("python", "workflow/scripts/train.py", "vae_20", "data/processed/letters")
    project.run(*train, "results/whole")
    project.run("rm", "-r", ".cache/training")
    log = project.folder / "logs/results/killed.log"
    half_way = lambda: log.exists() and "epoch 30/" in log.read_text()  # noqa: E731
    with project.halted(half_way, *train, "results/killed") as process:
        process.kill()
    process.wait()
    project.run(*train, "results/killed")
    assert "resumed after epoch" in log.read_text()
    whole, killed = (
        (project.folder / "results" / name / "model.safetensors").read_bytes()
        for name in ("whole", "killed")
    )
    assert killed == whole


def test_measures_of_a_model_are_those_of_the_cpu(on_gpu, tmp_path):
    """Those that no draw enters: draws differ between devices."""
    project = on_gpu.copy(tmp_path / "project")
    project.edit({"studies.letters.evaluation.device": "cpu"})
    inputs = ("data/processed/letters", "results/judges/letters", f"{MODELS}/vae_2")
    project.run("python", "workflow/scripts/evaluate.py", "vae_2", *inputs, "results/there")
    ours, theirs = (
        json.loads((project.folder / folder / "seeds.json").read_text())["measures"]
        for folder in ("results/letters/evaluations/vae_2", "results/there")
    )
    for name in ("kl", "psnr", "ssim", "legibility", "knn_accuracy", "active_units"):
        assert ours[name]["values"] == pytest.approx(theirs[name]["values"], rel=1e-3), name


def test_a_model_of_the_gpu_is_read_on_the_cpu(on_gpu):
    model = load(on_gpu.folder / MODELS / "vae_2")
    images = model.sample(3, seed=0)
    assert images.device.type == "cpu"
    assert torch.allclose(images, model.to(torch.device("cuda")).sample(3, seed=0).cpu(), atol=1e-5)


def test_trainings_share_a_gpu_where_the_user_says_so(on_gpu, tmp_path):
    shared = on_gpu.copy(tmp_path / "shared")
    shared.run("rm", "-r", ".cache/training")
    shared.run("snakemake", "--cores", "2", "--forceall", *WEIGHTS, "--resources", "gpu=2")
    for name in WEIGHTS:
        assert (shared.folder / name).read_bytes() == (on_gpu.folder / name).read_bytes()


def test_a_full_gpu_is_said_in_one_line(on_gpu, tmp_path):
    full = on_gpu.copy(tmp_path / "full")
    full.edit({"studies.letters.model.hidden": [16_000, 16_000]})
    filler = subprocess.Popen(
        [sys.executable, "-c", FILL, str(2 * 10**9)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
    )
    try:
        assert filler.stdout.readline() == "full\n"
        message = full.refused("snakemake", "--cores", "2", WEIGHTS[0])
    finally:
        filler.communicate()
    lowered = r"the GPU's memory is full .* Lower variants\.vae_2\.training\.batch_size"
    assert re.search(lowered, message), message
