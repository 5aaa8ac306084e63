"""Images of another data set told from the test images: by models, and by what needs none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, Kind, read_images
from vaepipe.generative.analysis import whole_bytes
from vaepipe.machine.device import prepare
from vaepipe.measures import roc
from vaepipe.measures.anomaly import (
    coarsened,
    mean_image_error,
    negative_elbo,
    pca_residual,
    reconstruction_error,
    resized,
)
from vaepipe.models.batch import Batch
from vaepipe.models.saved import Model, load, read_config

OUTPUTS = ("anomaly.json", "anomaly.safetensors")
ENDS = ("lowest", "highest")


@dataclass(frozen=True)
class Sets:
    """Images (n, pixels) whose scores are compared."""

    normal: Tensor
    """Test images."""
    coarse: Tensor
    """The same with the resolution that foreign ones have."""
    foreign: Tensor


@dataclass(frozen=True)
class Method:
    """The scores of all sets, (trainings, n) each, by one method."""

    name: str
    variant: str | None
    normal: np.ndarray
    coarse: np.ndarray
    foreign: np.ndarray

    def against(self, part: str) -> roc.Scores:
        """Those of a part of the normal images, and of the foreign ones."""
        return roc.Scores(getattr(self, part), self.foreign)


def tell_apart(
    settings: Mapping[str, Any], data: Path, foreign: Path, models: Path, *outputs: Path
) -> None:
    """Score test images and foreign ones by every method; outputs are in the order of OUTPUTS.

    The settings are the section `anomaly` of the study; `data` and `foreign` are folders of data
    sets, `models` holds a folder a variant. Foreign images are brought to the size of the others;
    since these then have the better resolution, each method is measured on them with the lesser one
    too. Beside the table are arrays: "normal", "coarse", "foreign" (methods, images), means of the
    scores over the trainings; and of the first training of the autoencoder those of the lowest and
    of the highest score of either set, uint8 (sets, ends, pictures, pixels): "extremes", and
    "decoded". Raises InputError for settings and data sets that do not fit.
    """
    device = prepare(settings["device"], settings["threads"])
    train, test = (read_images(data / name) for name in FILES)
    others = read_images(foreign / FILES[1])
    kind = test.kind
    check(settings, [kind, others.kind], [len(test.labels), len(others.labels)])
    count = settings["images"]
    seen = Batch.of(train, device).clean
    normal, strange = (Batch.of(of, device).clean[:count] for of in (test, others))
    sets = Sets(
        normal,
        coarsened(normal, kind.shape, others.kind.shape[:2]),
        resized(strange, others.kind.shape, kind.shape[:2]),
    )
    trained = {
        key: [
            load(models / settings[key], seed).to(device)
            for seed in seeds_of(models, settings, key)
        ]
        for key in ("autoencoder", "vae")
    }
    methods = score_all(settings, seen, sets, trained)
    table_file, arrays_file = outputs
    arrays = {
        name: np.stack([getattr(method, name).mean(0) for method in methods])
        for name in ("normal", "coarse", "foreign")
    }
    model, scores = trained["autoencoder"][0], methods[0]
    shown, facts = extremes(settings, sets, scores)
    arrays["extremes"] = whole_bytes(shown)
    arrays["decoded"] = whole_bytes(
        model.decode_pixels(model.encode(shown.flatten(0, 2))).reshape(shown.shape)
    )
    write_arrays(arrays_file, arrays)
    (elbo,) = (method for method in methods if method.name == "negative_elbo")
    draw = settings["resamples"], settings["seed"]
    write_json(
        table_file,
        {
            "shape": list(kind.shape),
            "foreign": settings["dataset"],
            "foreign_shape": list(others.kind.shape),
            "images": count,
            "foreign_images": len(strange),
            "components": settings["components"],
            "resamples": settings["resamples"],
            "methods": [describe(method, methods, *draw) for method in methods],
            "preference": {
                "sharp": told(roc.preference(elbo.against("normal"), *draw)),
                "coarse": told(roc.preference(elbo.against("coarse"), *draw)),
            },
            "extremes": facts,
        },
    )


def check(settings: Mapping[str, Any], kinds: Sequence[Kind], counts: Sequence[int]) -> None:
    """Raises InputError for settings and data sets that do not fit each other."""
    own, other = kinds
    where = "params.yaml: studies.faces.anomaly."
    if own.shape[2:] != other.shape[2:]:
        raise InputError(
            f"{where}dataset: images of {settings['dataset']} are {other.shape}, but those of the "
            f"study are {own.shape}: both must be grey, or both of colour."
        )
    for name, count in zip(("the study", settings["dataset"]), counts, strict=True):
        if settings["images"] > count:
            raise InputError(
                f"{where}images: {settings['images']} are more than the {count} test images of "
                f"{name}."
            )
    if settings["pictures"] > settings["images"]:
        raise InputError(f"{where}pictures: must not be more than the {settings['images']} images.")


def seeds_of(models: Path, settings: Mapping[str, Any], key: str) -> list[int]:
    """The seeds of the variant that a setting names."""
    return read_config(models / settings[key])["training"]["seeds"]


def score_all(
    settings: Mapping[str, Any], train: Tensor, sets: Sets, trained: Mapping[str, Sequence[Model]]
) -> list[Method]:
    """The autoencoder's reconstruction error first, then the VAE's, and its negative ELBO.

    Then what needs no model: the distance to the mean image, and the residual of a PCA.
    """
    elbo = {key: settings[key] for key in ("importance_samples", "seed")}

    def method(name: str, variant: str | None, by: Sequence) -> Method:
        scores = {
            part: np.stack([score(getattr(sets, part)) for score in by])
            for part in ("normal", "coarse", "foreign")
        }
        return Method(name, variant, **scores)

    return [
        *(
            method(
                "reconstruction_error",
                settings[key],
                [lambda images, model=model: reconstruction_error(model, images) for model in of],
            )
            for key, of in trained.items()
        ),
        method(
            "negative_elbo",
            settings["vae"],
            [lambda images, model=m: negative_elbo(model, images, elbo) for m in trained["vae"]],
        ),
        method("mean_image", None, [lambda images: mean_image_error(train, images)]),
        method("pca", None, [lambda images: pca_residual(train, images, settings["components"])]),
    ]


def describe(
    method: Method, methods: Sequence[Method], resamples: int, seed: int
) -> dict[str, Any]:
    """What the table says of a method: its AUC, and the gap to the best trivial one.

    `sharp` of the test images as they are, `coarse` of those with the resolution of foreign ones.
    The best trivial method is that without a variant whose AUC is highest; it has no difference.
    """
    found: dict[str, Any] = {"name": method.name, "variant": method.variant}
    for key, part in (("sharp", "normal"), ("coarse", "coarse")):
        own = method.against(part)
        trivial = {of.name: of.against(part) for of in methods if of.variant is None}
        best = max(trivial, key=lambda name: roc.aucs(trivial[name])[0])
        gap = roc.difference(own, trivial[best], resamples, seed)._asdict()
        found[key] = {
            **roc.estimate(own, resamples, seed)._asdict(),
            "aucs": roc.aucs(own),
            "against": best,
            "difference": gap if method.variant else None,
        }
    return found


def told(found: roc.Preference) -> dict[str, Any]:
    return found._asdict() | {"auc": found.auc._asdict()}


def extremes(
    settings: Mapping[str, Any], sets: Sets, scores: Method
) -> tuple[Tensor, dict[str, Any]]:
    """Normal and foreign images of the lowest and the highest score of a first training.

    (sets, ends, pictures, pixels), and their scores.
    """
    shown, facts = [], {}
    for name in ("normal", "foreign"):
        own, values = getattr(sets, name), getattr(scores, name)[0]
        rows = roc.extremes(values, settings["pictures"])
        shown.append(torch.stack([own[torch.from_numpy(of).to(own.device)] for of in rows]))
        facts[name] = {end: values[of].tolist() for end, of in zip(ENDS, rows, strict=True)}
    return torch.stack(shown), facts
