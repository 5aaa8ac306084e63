"""Every piece of a figure: SVG, the same byte for byte, of grey or colour images."""

import math

import numpy as np
import pytest

from vaepipe.figures import bounds, classes, curves, estimates, latents, pictures

LOOK = {"colormap": "gray_r", "width": 16.0}


@pytest.fixture(params=[(28, 28), (10, 14), (21, 5), (10, 14, 3)], ids=str)
def shape(request):
    return request.param


@pytest.fixture
def arrays(shape):
    generator = np.random.default_rng(0)

    def images(*count):
        return generator.integers(0, 256, (*count, math.prod(shape)), dtype=np.uint8)

    return {
        "characters_clean": images(3),
        "characters_noisy": images(3),
        "characters_reconstructed": images(3),
        "traversal": images(4, 5),
        "kl_per_latent": generator.random((2, 4)),
    }


@pytest.fixture
def history():
    rows = [
        (seed, epoch, split, seed + epoch + (split == "test") / 10)
        for seed in (0, 7)
        for epoch in (1, 2, 3, 4)
        for split in ("train", "test")
    ]
    names = ("seed", "epoch", "split", "total_per_pixel")
    columns = {
        name: np.array(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)
    }
    return columns | {"total": 88 * columns["total_per_pixel"], "l2": np.ones(len(rows))}


def draw_all(folder, arrays, history, shape):
    folder.mkdir()
    clean, noisy = arrays["characters_clean"], arrays["characters_noisy"]
    kl = arrays["kl_per_latent"]
    curves.learning_curve(folder / "curve.svg", history, LOOK)
    curves.all_learning_curves(folder / "curves.svg", {"a": history, "b": history}, LOOK)
    rows = {"clean": clean, "noisy": noisy, "a": arrays["characters_reconstructed"]}
    pictures.labelled_grid(folder / "reconstructions.svg", "ABC", rows, shape, LOOK)
    order = np.argsort(-kl[0]).tolist()
    traversal = arrays["traversal"]
    latents.traversal(folder / "traversal.svg", traversal, kl[0], order, 2.0, shape, LOOK)
    codes = kl.T[:, :2]
    latents.plane(folder / "plane.svg", codes, np.arange(4) % 3, "ABC", "xy", LOOK)
    latents.kl_per_latent(folder / "kl.svg", {"a": kl}, LOOK)
    bounds.rate_distortion(folder / "rates.svg", {"a": kl[:, :3], "b": 2 * kl[:, 1:]}, LOOK)
    noisy_psnr = np.array([58.9, 16.0, 11.0])
    decoded = {"a": kl[:, :3] + 12, "b": kl[:, :3] + 13}
    curves.noise_sweep(
        folder / "sweep.svg", np.array([0.0, 0.2, 0.4]), noisy_psnr, 11.0, decoded, 0.2, LOOK
    )
    pictures.sheet(folder / "sheet.svg", traversal, shape, LOOK)
    pictures.examples(folder / "examples.svg", [clean, noisy], "ABC", shape, LOOK)
    of_all = dict(zip("ab", curves.curves(history, "test")[1].tolist(), strict=True))
    estimates.by_variant(folder / "measures.svg", {"ELBO": of_all}, LOOK)
    estimates.spread_by_draws(folder / "spread.svg", [1, 2], kl, 3.0, "nats", LOOK)
    estimates.errors_by_draws(folder / "errors.svg", [1, 2], {"a": kl}, 3.0, "nats", LOOK)
    classes.confusion(folder / "confusion.svg", (kl / 3)[:, :2], "AB", LOOK)
    bins = np.array([[0.0, 0.6, 0.9], [0.2, 0.5, 0.8]]) + kl[0, 0] / 100
    count = np.array([[0, 10, 50], [10, 20, 30]])
    classes.reliability(folder / "reliability.svg", bins, bins**2, count, LOOK)
    curves.losses(folder / "losses.svg", history, "nats", LOOK)
    of_test = {"a": curves.curves(history, "test")}
    curves.terms(folder / "terms.svg", {"ELBO": of_test, "KL": of_test}, LOOK)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_figures_are_svg_and_the_same_byte_for_byte(tmp_path, arrays, history, shape):
    first = draw_all(tmp_path / "a", arrays, history, shape)
    second = draw_all(tmp_path / "b", arrays, history, shape)
    assert len(first) == 17
    assert all(b"<svg" in content for content in first.values())
    assert first == second


def test_figures_change_with_their_data(tmp_path, arrays, history, shape):
    first = draw_all(tmp_path / "a", arrays, history, shape)
    other = {name: 255 - a if a.dtype == np.uint8 else a + 1 for name, a in arrays.items()}
    for column in ("total", "total_per_pixel"):
        history[column] = history[column] ** 2
    second = draw_all(tmp_path / "b", other, history, shape)
    assert not [name for name in first if first[name] == second[name]]
