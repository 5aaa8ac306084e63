from dataclasses import replace

import numpy as np
import pytest
import torch
from unit import toys
from unit.toys import JUDGE, config, linear_model

from vaepipe.core.errors import InputError
from vaepipe.core.files import read_arrays, read_json, write_json
from vaepipe.datasets.images import Kind, read_images, writing
from vaepipe.judges.classifier import Classifier, Judge
from vaepipe.measures.catalogue import OF_KIND
from vaepipe.measures.evaluation import KINDS, OUTPUTS, evaluate_variant, measure
from vaepipe.measures.images import image_errors
from vaepipe.measures.importance import bounds
from vaepipe.measures.legibility import legibility
from vaepipe.models.batch import Batch
from vaepipe.models.distances import psnr
from vaepipe.models.saved import CONFIG, WEIGHTS, build_network, load
from vaepipe.models.weights import save_weights

SETTINGS = {
    "samples": 10,
    "noise_levels": [0.0, 0.3],
    "data": {"noise": "masking"},
    "importance_samples": 500,
    "neighbours": 3,
    "active_threshold": 0.01,
    "informative_kl": 0.1,
    "seed": 0,
}


VAE = KINDS["vae"].modules


@pytest.fixture
def subject():
    torch.manual_seed(0)
    clean = torch.rand(60, 144)
    batch = Batch((clean + 0.1).clip(0, 1), clean, torch.arange(60) % 3)
    return toys.subject(linear_model(144, 3, (12, 12)), batch, batch, SETTINGS)


@torch.no_grad()
def test_measures_are_consistent(subject):
    values = measure(subject, VAE)
    network, test = subject.model.network, subject.test
    assert values["elbo"] == pytest.approx(-values["reconstruction"] - values["kl"])
    assert values["iw_bound"] >= values["elbo"]
    assert values["kl"] == pytest.approx(network.mean_kl(test.noisy).sum().item())
    posterior = network.posterior(test.noisy)
    draws = [
        subject.model.likelihood.log_density(
            test.clean, network.decode(posterior.sample(torch.randn(60, 3)))
        ).mean()
        for _ in range(500)
    ]
    assert values["reconstruction"] == pytest.approx(-np.mean(draws), abs=0.2)


def test_measures_use_the_clean_images_as_the_target_and_the_noisy_as_the_input(subject):
    values = measure(subject, VAE)
    model, test = subject.model, subject.test
    images = model.reconstruct(test.noisy).flatten(1)
    errors = image_errors(images, test.clean, (12, 12))
    assert {name: values[name] for name in errors} == pytest.approx(errors)


@pytest.fixture
def trained(tmp_path):
    """A folder of data, one of its judge, one of a trained model with the seeds 3 and 5."""
    data, judge, model = (tmp_path / name for name in ("data", "judge", "model"))
    kind = Kind((12, 12), ("A", "B"), "x.csv")
    for folder in (data, judge, model):
        folder.mkdir()
    generator = np.random.default_rng(0)
    for name, count in (("train", 30), ("test", 20)):
        clean = generator.random((count, 144), np.float32)
        with writing(data / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(count) % 2, clean, clean.clip(0.1))
    save_model(model, config() | {"shape": [12, 12]})
    toys.save_judge(judge, (12, 12))
    return data, judge, model


def save_model(folder, settings):
    seeds = {f"seed-{s}": build_network(settings).state_dict() for s in (3, 5)}
    save_weights(folder / WEIGHTS, seeds)
    write_json(folder / CONFIG, settings)


def test_samples_that_no_memory_holds_are_refused(tmp_path, trained):
    settings = SETTINGS | {"importance_samples": 10**12, "device": "cpu", "threads": 1}
    outputs = [tmp_path / name for name in OUTPUTS]
    with pytest.raises(InputError, match=r"1000000000000 importance samples need about .* GB"):
        evaluate_variant(settings, *trained, *outputs)


def test_an_evaluation_is_a_headline_and_the_measures_of_all_seeds(tmp_path, trained):
    settings = SETTINGS | {"headline": ["psnr", "elbo"], "device": "cpu", "threads": 1}
    outputs = [tmp_path / name for name in OUTPUTS]
    evaluate_variant(settings, *trained, *outputs)
    metrics, summary = map(read_json, outputs[:2])
    images = read_arrays(outputs[2])["elbo"]
    assert images.shape == (2, 20)
    assert images.mean(1).tolist() == pytest.approx(summary["measures"]["elbo"]["values"])
    assert summary["seeds"] == [3, 5]
    for found in summary["measures"].values():
        assert len(found["values"]) == 2
        assert found["mean"] == pytest.approx(np.mean(found["values"]))
    elbo = summary["measures"]["elbo"]
    assert elbo["values"][0] != elbo["values"][1]
    assert list(metrics) == ["psnr", "elbo"]
    assert metrics["elbo"] == pytest.approx(elbo["mean"], rel=1e-3)
    assert list(summary["measures"]) == list(OF_KIND["vae"])


OTHERS = {
    "autoencoder": {
        "objective": "squared_error",
        "model": {"latent": 2, "latent_activation": None, "hidden": [8], "activation": "relu"},
    },
    "classifier": {
        "objective": "cross_entropy",
        "likelihood": "categorical",
        "model": {"latent": None, "dense": 4, "dropout": 0.0, "hidden": [8], "activation": "relu"},
    },
}
HEADLINE = {"headline": ["elbo", "psnr", "accuracy"], "device": "cpu", "threads": 1}


@pytest.mark.parametrize(
    ("kind", "of_an_image", "headline"),
    [("autoencoder", "mse", ["psnr"]), ("classifier", "cross_entropy", ["accuracy"])],
)
def test_each_kind_has_measures_of_its_own(tmp_path, trained, kind, of_an_image, headline):
    settings = config() | {"shape": [12, 12], "kind": kind} | OTHERS[kind]
    save_model(trained[2], settings)
    outputs = [tmp_path / name for name in OUTPUTS]
    evaluate_variant(SETTINGS | HEADLINE, *trained, *outputs)
    metrics, summary = map(read_json, outputs[:2])
    assert tuple(summary["measures"]) == OF_KIND[kind] and list(metrics) == headline
    images = read_arrays(outputs[2])[of_an_image]
    expected = summary["measures"][of_an_image]["values"]
    assert images.mean(1).tolist() == pytest.approx(expected, rel=1e-5)
    assert len(read_json(outputs[3])["decoded"]) == (2 if kind == "autoencoder" else 0)


@pytest.mark.parametrize("kind", OTHERS)
def test_what_was_trained_without_noise_is_measured_without(tmp_path, trained, kind):
    found = {}
    for noise in ("none", "fixed"):
        torch.manual_seed(0)
        settings = config(noise=noise) | {"shape": [12, 12], "kind": kind} | OTHERS[kind]
        save_model(trained[2], settings)
        outputs = [tmp_path / name for name in OUTPUTS]
        evaluate_variant(SETTINGS | HEADLINE, *trained, *outputs)
        found[noise] = read_json(outputs[1])["measures"]
    name = OF_KIND[kind][1]
    test = Batch.of(read_images(trained[0] / "test.parquet"), torch.device("cpu"))
    model = load(trained[2], 3)
    by_hand = {
        "psnr": lambda images: psnr(model.reconstruct(images).flatten(1), test.clean),
        "cross_entropy": lambda images: torch.nn.functional.nll_loss(
            model.classify(images).log(), test.labels
        ).item(),
    }[name]
    assert found["none"][name]["values"][0] == pytest.approx(by_hand(test.clean), rel=1e-5)
    assert found["fixed"][name]["values"][0] == pytest.approx(by_hand(test.noisy), rel=1e-5)
    assert found["none"][name]["values"][0] != found["fixed"][name]["values"][0]


def test_the_training_elbo_is_of_training_images(subject):
    values = measure(subject, VAE)
    assert values["train_gap"] == pytest.approx(values["train_elbo"] - values["elbo"])
    tenth = subject.settings | {"importance_samples": 50}
    of_fewer = bounds(subject.model, subject.test, tenth)["elbo"].mean().item()
    assert values["train_elbo"] == of_fewer != values["elbo"]  # the same images here
    other = replace(subject, train=subject.train[torch.arange(60).flip(0)[:30]])
    bright = Batch(subject.test.noisy, subject.test.clean.round(), subject.test.labels)
    assert measure(other, VAE)["elbo"] == values["elbo"]
    assert measure(replace(subject, train=bright), VAE)["train_elbo"] != of_fewer


def test_what_the_judge_reads_is_what_is_decoded_relative_to_clean_images(subject):
    decoded = subject.model.reconstruct(subject.test.noisy).flatten(1)
    right = (subject.judge.name(decoded) == subject.test.labels).double().mean()
    assert measure(subject, VAE)["legibility"] == pytest.approx(right.item() / 0.5)


def test_nothing_is_legible_to_a_judge_that_reads_no_clean_image():
    judge = Judge(Classifier((4, 4), 3, JUDGE), scale=1.0, accuracy=0.0)
    assert legibility(judge, torch.zeros(2, 16), torch.tensor([0, 1])) == 0
