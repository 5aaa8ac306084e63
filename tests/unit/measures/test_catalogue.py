from typing import get_args

import torch
from unit.toys import linear_classifier, linear_model, subject

from vaepipe.config.training import ClassifierMeasure, Measure
from vaepipe.measures.catalogue import CATALOGUE, OF_ANALYSES, OF_CLASSIFIERS, OF_KIND, facts
from vaepipe.measures.evaluation import KINDS, measure
from vaepipe.models.batch import Batch


def test_measures_are_configured_described_and_computed_by_the_same_names_in_one_order():
    images = torch.rand(20, 144)
    batch = Batch(images, images, torch.arange(20) % 2)
    settings = {
        "importance_samples": 2,
        "neighbours": 3,
        "samples": 10,
        "active_threshold": 0.01,
        "informative_kl": 0.1,
        "seed": 0,
    }
    found = subject(linear_model(144, 2, (12, 12)), batch, batch, settings)
    for kind in ("vae", "autoencoder"):
        assert tuple(measure(found, KINDS[kind].modules)) == OF_KIND[kind]
    found = subject(linear_classifier(144, 2, (12, 12)), batch, batch, settings)
    assert tuple(measure(found, KINDS["classifier"].modules)) == OF_KIND["classifier"]
    assert get_args(Measure) == OF_KIND["vae"]
    assert get_args(ClassifierMeasure) == OF_CLASSIFIERS
    assert tuple(CATALOGUE) == (*OF_KIND["vae"], *OF_CLASSIFIERS, *OF_ANALYSES)


def test_a_measure_stands_under_its_own_name():
    assert all(measure.name == name for name, measure in CATALOGUE.items())


def test_facts_are_those_of_the_names_in_their_order():
    psnr, accuracy = facts(["psnr", "knn_accuracy"])
    assert (psnr["name"], psnr["unit"], psnr["scale"]) == ("psnr", "dB", 1.0)
    assert (accuracy["name"], accuracy["unit"], accuracy["scale"]) == ("knn_accuracy", "%", 100.0)


def test_a_heading_is_the_label_with_its_unit_if_it_has_one():
    assert CATALOGUE["psnr"].heading == "PSNR, dB"
    assert CATALOGUE["ssim"].heading == "SSIM"
