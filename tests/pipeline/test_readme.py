"""The code on README and the pages is what it says: Python runs as printed, YAML fits params."""

from conftest import ROOT, blocks
from ruamel.yaml import YAML

from vaepipe.params import Params

CHECKS = """
import numpy as np
import pytest
from vaepipe.core.errors import InputError

n = len(letters.labels)
assert n == 3 * 26
assert letters.images.shape == letters.noisy.shape == (n, 28, 28)
for images in (letters.images, letters.noisy, decoded, denoised, drawn, between):
    assert images.min() >= 0 and images.max() <= 1
assert letters.labels.shape == letters.characters.shape == (n,)
assert [letters.classes[label] for label in letters.labels] == letters.characters.tolist()
assert set(letters.characters) == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
assert len(vaepipe.data("letters", split="train").labels) == 12 * 26

assert latents.shape == (n, 20)
assert decoded.shape == denoised.shape == (n, 28, 28)
assert torch.equal(decoded, denoised)
assert drawn.shape == (16, 28, 28)
assert all(isinstance(given, torch.Tensor) for given in (latents, decoded, denoised, drawn))
assert found.images.shape == (10, 28, 28) and found.latents.shape == (10, 20)
assert found.images.min() >= 0 and found.images.max() <= 1
assert (found.curve[-1] < found.curve[0]).all()
other = vaepipe.load("results/letters/models/vae_20", seed=1)
assert not torch.equal(other.encode(letters.noisy), latents)
assert list(table) == ["study", "variant", "seed", "measure", "value"]
elbo = table.query("variant == 'vae_20' and measure == 'elbo'").value
assert len(elbo) == 2 and np.isclose(means.elbo.vae_20, elbo.mean())

bytes_ = np.rint(255 * letters.noisy).astype(np.uint8)
for images in (bytes_, torch.tensor(bytes_), letters.noisy.reshape(n, 784)):
    assert torch.allclose(model.encode(images), latents, atol=1e-5)
for wrong in (255 * letters.noisy, letters.noisy[:, :20], letters.labels):
    with pytest.raises(InputError):
        model.encode(wrong)

assert between.shape == (9, 28, 28)
ends = model.reconstruct(letters.noisy[pair])
assert torch.allclose(between[[0, -1]], ends, atol=1e-5)
assert letters.characters[pair].tolist() == ["N", "Z"]
assert letter == "A" != letters.characters[letters.labels == 10][0]
assert np.allclose(figure.get_size_inches() * 2.54, 4)
(shown,) = axes.images
assert np.array_equal(shown.get_array(), letters.images[0])
style.show(letters.images[0].reshape(784), (28, 28), axes, "gray_r")
"""


def test_the_python_runs_and_its_comments_are_true(project):
    project.run("python", "-c", "\n".join([*blocks("python"), CHECKS]))
    assert "<svg" in (project.folder / "results/nz.svg").read_text()


def test_an_interpolation_takes_six_lines():
    (block,) = (block for block in blocks("python") if "nz.svg" in block)
    lines = [line for line in block.splitlines() if line and " import " not in line]
    assert len([line for line in lines if not line.startswith("import ")]) == 6


def test_the_yaml_fits_params_yaml():
    load = YAML(typ="safe").load
    assert blocks("yaml")
    for block in blocks("yaml"):
        params, sections = load(ROOT / "params.yaml"), load(block)
        for section, named in sections.items():
            for key, of in named.items():
                inner = section in ("samples", "sources") and of
                params[section][key] = params[section][key] | of if inner else of
        params["studies"]["letters"]["variants"] = [
            name for name, variant in params["variants"].items() if variant["study"] == "letters"
        ]
        Params.model_validate(params)
