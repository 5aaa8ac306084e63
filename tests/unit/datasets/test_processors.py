"""Whatever is made before a training is the same bytes on every processor."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT
from numpy._core._multiarray_umath import __cpu_dispatch__

BUILD = """
import hashlib
from pathlib import Path
from vaepipe.datasets.formats.emnist import ingest
from vaepipe.datasets.noise import prepare
from vaepipe.datasets.samples.characters import write_emnist
from vaepipe.datasets.samples.digits import write_idx
from vaepipe.datasets.samples.portraits import write_avatars
from vaepipe.datasets.samples.things import write_cifar
raw, interim, done = ([Path(f"{step}-{part}") for part in ("train", "test")] for step in "abc")
write_emnist(*raw, seed=0, train_per_class=20, test_per_class=1)
ingest(interim, *map(str, raw), "balanced", "transposed", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
prepare(interim, done, {"pixels": "grey", "noise": "gaussian", "level": 0.2, "seed": 0})
digits = [Path(f"{part}-{kind}") for part in ("train", "test") for kind in ("images", "labels")]
write_idx(digits[:2], digits[2:], seed=0, train_per_class=90, test_per_class=1)
things = Path("cifar-10-binary.tar.gz")
write_cifar(things, seed=0, train_per_class=12, test_per_class=1)
avatars = Path("avatars.zip")
write_avatars(avatars, seed=0, train=100, test=5)
for file in (*raw, *interim, *done, *digits, things, avatars):
    print(hashlib.md5(file.read_bytes()).hexdigest())
"""
DRAWN = "db5f8fd1720ca53ca2c5650e1d170e88"
"""MD5 of the CSV file of 940 characters, for whoever has another processor."""
DIGITS = "fdffa736fa7789eeb9425a8516119958"
"""MD5 of the packed images of 900 digits."""
THINGS = "0745638a54cafae42f7ef7b7e7d24724"
"""MD5 of an archive of 130 things."""
AVATARS = "2ecee371f99fd5c807d0461746be7eda"
"""MD5 of an archive of 105 avatars."""
PROCESSORS = {
    "OpenBLAS for an old one": {"OPENBLAS_CORETYPE": "Nehalem"},
    "OpenBLAS for another": {"OPENBLAS_CORETYPE": "Haswell"},
    "numpy without its choices": {"NPY_DISABLE_CPU_FEATURES": " ".join(__cpu_dispatch__)},
    "a C library without fused sums": {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F"},
}


def build(folder, **processor: str) -> list[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")} | processor
    command = [sys.executable, "-W", "ignore", "-c", BUILD]
    result = subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return result.stdout.split()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return build(tmp_path_factory.mktemp("here"))


def test_the_samples_are_those_that_everybody_draws(here):
    assert here[0] == DRAWN
    assert here[6] == DIGITS
    assert here[-2] == THINGS
    assert here[-1] == AVATARS


@pytest.mark.parametrize("name", PROCESSORS)
def test_another_processor_makes_the_same_files(here, name, tmp_path):
    assert build(tmp_path, **PROCESSORS[name]) == here
