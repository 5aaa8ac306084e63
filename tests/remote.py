"""What a fresh clone must find after `dvc pull`, whatever the remote."""

from conftest import CLEAN, Project

LOAD = """
import torch, vaepipe
for variant in ("vae_2", "vae_20"):
    model = vaepipe.load(f"results/letters/models/{variant}", seed=1)
    assert model.reconstruct(torch.rand(5, 784)).shape == (5, 28, 28)
"""


def pulled(project: Project) -> Project:
    """A fresh clone of a project whose results were pushed, with what `dvc pull` brings."""
    project.run("dvc", "push")
    project.commit("a remote")
    clone = Project.at(project.folder.with_name("clone"))
    project.run("git", "clone", "-q", ".", str(clone.folder))
    clone.run("dvc", "pull")
    return clone


def assert_fresh_for_both(clone: Project) -> None:
    assert clone.status() == CLEAN
    clone.adopt()
    assert clone.snakemake("-n") == set()
    clone.run("python", "-c", f"import sys; sys.path.insert(0, 'src')\n{LOAD}")
