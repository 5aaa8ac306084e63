import numpy as np
import pytest
import torch

from vaepipe.measures import verdicts
from vaepipe.measures.catalogue import CATALOGUE
from vaepipe.measures.seeds import spread
from vaepipe.studies.denoise.comparison import (
    DECODED,
    NAMED,
    OF_LATENTS,
    accuracies,
    classifier,
    comparisons,
    overlap,
    rank_correlation,
    read_grid,
    stopping,
)


def test_what_is_judged_has_a_better_end():
    assert all(CATALOGUE[name].better for name in (*DECODED, *OF_LATENTS, *NAMED))


def test_means_over_classes_and_over_images_differ_where_classes_do():
    by_class = np.array([[1.0, 0.5], [0.8, 0.6]])
    found = accuracies(by_class, np.array([30, 10]))
    assert found["over_classes"]["values"] == pytest.approx([0.75, 0.7])
    assert found["over_images"]["values"] == pytest.approx([0.875, 0.75])
    assert [of["mean"] for of in found["by_class"]] == pytest.approx([0.9, 0.55])


def test_the_overlap_is_the_share_of_others_among_the_nearest():
    """Of two classes apart, and of a third whose points lie one by one among those of the first."""
    first = np.column_stack([np.arange(12.0), np.zeros(12)])
    codes = np.concatenate([first + np.array([by, 0]) for by in (0, 0.01, 1000)])
    labels = np.repeat([0, 1, 2], 12)
    found = overlap(codes, labels, 3)
    assert found[2] == 0
    assert found[0] == pytest.approx(found[1]) and 0.5 < found[0] < 0.6


def test_few_codes_have_as_many_neighbours_as_there_are():
    codes = np.array([[0.0], [1.0], [2.0]])
    assert overlap(codes, np.array([0, 0, 1]), 2) == pytest.approx([0.5, 1.0])


def test_ranks_that_do_not_differ_have_no_correlation():
    rising = np.array([0.1, 0.5, 0.9])
    assert rank_correlation(rising, np.array([9.0, 4.0, 1.0]))["value"] == pytest.approx(-1)
    found = rank_correlation(np.arange(10), np.array([3, 1, 0, 2, 5, 4, 8, 9, 6, 7]))
    assert found["value"] > 0.8 and 0 < found["p"] < 0.01
    assert rank_correlation(rising, np.array([0.3, 0.3, 0.3])) is None


class Reader:
    """A judge that is the surer the brighter the first pixel, and names by the second."""

    def probabilities(self, images):
        sure, named = images[:, 0], (images[:, 1] > 0.5).long()
        found = torch.stack([1 - sure, 1 - sure], 1)
        return found.scatter(1, named[:, None], sure[:, None])


def test_a_grid_shows_the_classes_that_the_judge_is_certain_of():
    grid = np.zeros((2, 2, 3), np.uint8)
    grid[..., 0] = [[255, 153], [153, 153]]
    grid[0, 1, 1] = 255
    found = read_grid(grid, Reader(), ["A", "B"])
    assert found["confidence"] == pytest.approx((1 + 3 * 0.6) / 4)
    assert found["classes"] == ["A"]
    assert found["labels"].tolist() == [[0, 1], [0, 0]]


def test_of_a_classifier_the_pairs_are_told_that_it_confuses_most():
    shares = np.array([[0.7, 0.3, 0.0], [0.1, 0.9, 0.0], [0.0, 0.2, 0.8]])
    found = classifier({"confusion": shares}, {"classes": ["4", "7", "9"], "mistakes": []})
    assert found["right"] == {"4": 0.7, "7": 0.9, "9": 0.8}
    assert [(of["label"], of["named"], of["share"]) for of in found["confused"]] == [
        ("4", "7", 0.3),
        ("9", "7", 0.2),
        ("7", "4", 0.1),
    ]


def test_when_trainings_stopped_is_read_from_their_losses(tmp_path):
    rows = ["seed,epoch,split,total,cross_entropy,l2,total_per_pixel"]
    for seed, losses in ((0, [0.9, 0.5, 0.7]), (3, [0.8, 0.6])):
        for epoch, loss in enumerate(losses, 1):
            for split in ("train", "validation", "test"):
                found = loss if split == "validation" else 1.0
                rows.append(f"{seed},{epoch},{split},{found + epoch},{found},{epoch},0.1")
    (tmp_path / "history.csv").write_text("\n".join(rows) + "\n")
    found = stopping(tmp_path)
    assert (found["kept"], found["last"]) == ([2, 2], [3, 2])
    assert found["risen"] == pytest.approx([0.2, 0])
    kept = [row for row in rows if "validation" not in row]
    (tmp_path / "history.csv").write_text("\n".join(kept) + "\n")
    assert stopping(tmp_path) is None


def config(kind: str, latent: int | None, noise: str) -> dict:
    return {"kind": kind, "model": {"latent": latent}, "training": {"noise": noise}}


CONFIGS = {
    "ae_2": config("autoencoder", 2, "none"),
    "ae_8": config("autoencoder", 8, "none"),
    "gvae_2": config("vae", 2, "none"),
    "gvae_8": config("vae", 8, "none"),
    "gvae_8_noisy": config("vae", 8, "fixed"),
    "cnn_128": config("classifier", None, "none"),
    "cnn_16": config("classifier", None, "none"),
}
METHODS = {
    "noisy": ("trivial", None),
    "ae_2": ("reconstruct", "ae_2"),
    "ae_8": ("reconstruct", "ae_8"),
    "gvae_8_noisy": ("reconstruct", "gvae_8_noisy"),
    "gvae_8": ("reconstruct", "gvae_8"),
    "map_gvae_8": ("map", "gvae_8"),
    "clean": ("clean", None),
}


def test_verdicts_are_one_set_of_what_can_be_compared():
    generator = np.random.default_rng(0)

    def values(names, by=0.0):
        return {name: spread((by + generator.normal(0, 0.01, 5)).tolist()) for name in names}

    measured = {
        name: values(NAMED if of["kind"] == "classifier" else DECODED, by)
        for by, (name, of) in enumerate(CONFIGS.items())
    }
    spaces = {
        name: {
            "linear": {"over_images": spread(generator.random(5).tolist())},
            "neighbour_distance": spread(generator.random(5).tolist()),
            "grid_confidence": spread(generator.random(5).tolist()) if of else None,
        }
        for name, of in (("ae_2", 1), ("ae_8", 0), ("gvae_2", 1), ("gvae_8", 0))
    } | {"gvae_8_noisy": {"linear": {"over_images": spread([1.0])}}}
    spaces["gvae_8_noisy"] |= {"neighbour_distance": spread([1.0]), "grid_confidence": None}
    methods = [
        {"name": name, "way": way, "variant": variant, "measures": values(DECODED, by)}
        for by, (name, (way, variant)) in enumerate(METHODS.items())
    ]
    settings = {"comparison": {"baseline": "ae_2"}}
    found = comparisons(CONFIGS, measured, spaces, {"methods": methods}, settings)
    asked = {(of["of"], of["variant"], of["other"]): [] for of in found}
    for of in found:
        asked[of["of"], of["variant"], of["other"]].append(of["measure"])
    assert asked == {
        ("variant", "ae_8", "ae_2"): list(DECODED),
        ("variant", "gvae_2", "ae_2"): list(OF_LATENTS),
        ("variant", "cnn_16", "cnn_128"): list(NAMED),
        ("method", "ae_8", "ae_2"): list(DECODED),
        ("method", "map_gvae_8", "gvae_8"): list(DECODED),
        ("method", "map_gvae_8", "ae_8"): list(DECODED),
        ("method", "map_gvae_8", "gvae_8_noisy"): list(DECODED),
    }
    first = found[0]
    ours, other = (measured[name]["psnr"]["values"] for name in ("ae_8", "ae_2"))
    assert first["difference"] == pytest.approx(np.mean(ours) - np.mean(other))
    assert first["verdict"] == "better"
    alone = verdicts.judge([verdicts.difference("psnr", ours, other)])[0]
    assert first["p"] > alone.p  # Holm over the set
