"""Portable numerics: the same bytes on a processor that is emulated, instruction by instruction."""

import shutil
import sys
from pathlib import Path

import pytest
from conftest import Project

from vaepipe.core.numerics import PORTABLE

QEMU = shutil.which("qemu-x86_64")
ARGUMENTS = ("workflow/scripts/train.py", "vae_2", "data/processed/letters", "MODELS")
WEIGHTS = "model.safetensors"
PROCESSOR = "Nehalem"
"""Of 2008, without AVX."""

pytestmark = pytest.mark.skipif(not QEMU, reason="qemu-user is not installed")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("portable"))
    project.edit({"studies.letters.training.seeds": [0], "studies.letters.training.epochs": 1})
    project.edit({"studies.letters.model.hidden": [392, 196, 100]})
    project.run("snakemake", "--cores", "2", "data/processed/letters/train.parquet")
    project.preloaded = False  # a fork cannot start anew
    return project


def trained(project: Project, numerics: str, processor: str | None, folder: str) -> bytes:
    """The weights that a training by hand writes into a folder, here or on a processor."""
    file = project.folder / "params.yaml"
    text = file.read_text()
    for other in ("fast", "portable"):
        text = text.replace(f"numerics: {other}", f"numerics: {numerics}")
    file.write_text(text)
    shutil.rmtree(project.folder / ".cache/training", ignore_errors=True)
    python = ("python",)
    if processor:
        settings = PORTABLE if numerics == "portable" else {}
        variables = [f"{name}={value}" for name, value in settings.items()]
        emulated = str(Path(sys.executable).resolve())
        python = ("env", *variables, QEMU, "-cpu", processor, "-0", sys.executable, emulated)
    project.run(*python, *ARGUMENTS[:-1], folder)
    return (project.folder / folder / WEIGHTS).read_bytes()


def test_a_portable_training_is_the_same_bytes_on_another_processor(project):
    here = trained(project, "portable", None, "results/here")
    assert trained(project, "portable", PROCESSOR, "results/there") == here


def test_a_fast_training_is_not(project):
    if "avx2" not in Path("/proc/cpuinfo").read_text():
        return  # this processor has no more than the emulated one
    here = trained(project, "fast", None, "results/here")
    assert trained(project, "fast", PROCESSOR, "results/there") != here
