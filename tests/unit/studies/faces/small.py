"""The files of a small, untrained project of the study, for tests of what reads them."""

from pathlib import Path

import numpy as np
import torch
from torch import nn
from unit import toys

from vaepipe.core.files import write_json
from vaepipe.datasets.images import Kind, writing
from vaepipe.measures.catalogue import OF_KIND
from vaepipe.measures.seeds import summarise
from vaepipe.models.saved import build_network
from vaepipe.models.weights import save_weights
from vaepipe.studies.analysis import analyse_variant
from vaepipe.studies.faces import anomaly, comparison, contrast
from vaepipe.studies.faces.figures import OF_A_VARIANT, draw_variant

SHAPE, FOREIGN = (16, 16, 3), (8, 8, 3)
LOOK = {"colormap": "gray", "width": 16.0}
SHARED = {"seed": 0, "device": "cpu", "threads": 1}
ANALYSIS = SHARED | {"pictures": 4, "changed": 2, "alphas": [1.0, 0.5, 0.2], "pairs": 20}
ANOMALY = SHARED | {
    "dataset": "other",
    "autoencoder": "ae",
    "vae": "vae",
    "images": 20,
    "components": 3,
    "importance_samples": 2,
    "resamples": 100,
    "pictures": 3,
}
CONTRAST = SHARED | {
    "autoencoder": "ae",
    "vae": "vae",
    "images": 12,
    "samples": 6,
    "multiples": [0.5, 1.0],
    "steps": 3,
    "pictures": 4,
}
COMPARISON = {
    "datasets": ["faces"],
    "variants": ["ae", "vae"],
    "figures": LOOK,
    "comparison": {"baseline": "ae", "measures": ["mse", "psnr"]},
}


def build(root: Path) -> None:
    """All that the study makes of images that are smooth, and of noise as the other data set."""
    rng = np.random.default_rng(0)
    smooth = np.linspace(0, 1, 16)[:, None, None] * rng.random((48, 1, 16, 3))
    write_data(root / "data", SHAPE, smooth.reshape(48, -1))
    write_data(root / "other", FOREIGN, rng.random((48, 192)))
    judge = root / "judge"
    judge.mkdir()
    toys.save_judge(judge, SHAPE)
    for seed, (name, kind) in enumerate((("ae", "autoencoder"), ("vae", "vae"))):
        build_variant(root, name, kind, seed)
    tell_apart(root)
    set_side_by_side(root)


def write_data(folder: Path, shape: tuple[int, ...], images: np.ndarray) -> None:
    folder.mkdir(parents=True)
    for name, rows in (("train", images[:28]), ("test", images[28:])):
        pixels = (np.rint(255 * rows) / 255).astype(np.float32)
        kind = Kind(shape, ("A", "B"), "x")
        with writing(folder / f"{name}.parquet", kind, ["clean", "noisy"], np.float32) as file:
            file.write(np.arange(len(rows)) % 2, pixels, pixels)


def build_variant(root: Path, name: str, kind: str, seed: int) -> None:
    folders = {part: root / part / name for part in ("models", "analyses", "evaluations")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    activation = "norm_relu" if kind == "autoencoder" else None
    layers = {"latent": 4, "latent_activation": activation, "hidden": [8], "deviation": 0.1}
    parts = {"study": "faces", "kind": kind, "body": "dense_norm", "model": layers}
    parts |= {"likelihood": "centred_gaussian", "shape": list(SHAPE), "parameters": 9, "steps": 2}
    settings = toys.config() | parts
    torch.manual_seed(seed)
    networks = {f"seed-{s}": build_network(settings) for s in (3, 5)}
    for network in networks.values():
        for norm in (m for m in network.modules() if isinstance(m, nn.BatchNorm1d)):
            nn.init.ones_(norm.bias)  # so that latents are not all 0
    weights = {name: network.state_dict() for name, network in networks.items()}
    save_weights(folders["models"] / "model.safetensors", weights)
    write_json(folders["models"] / "config.json", settings)
    column = "squared_error" if kind == "autoencoder" else "reconstruction"
    rows = [
        f"{seed},{epoch},{split},{seed / epoch},1,0,1\n"
        for seed in (3, 5)
        for epoch in (1, 2)
        for split in ("train", "test")
    ]
    header = f"seed,epoch,split,total,{column},l2,total_per_pixel\n"
    (folders["models"] / "history.csv").write_text(header + "".join(rows))
    outputs = [folders["analyses"] / of for of in ("arrays.safetensors", "analysis.json")]
    analyse_variant(ANALYSIS, root / "data", folders["models"], *outputs)
    measures = [dict.fromkeys(OF_KIND[kind], float(seed)) for seed in (3, 5)]
    write_json(folders["evaluations"] / "seeds.json", summarise([3, 5], measures))
    write_json(folders["evaluations"] / "noise_sweep.json", {"mean_image": 9.0})


def tell_apart(root: Path, **changed) -> None:
    folder = root / "anomaly"
    folder.mkdir(exist_ok=True)
    outputs = [folder / name for name in anomaly.OUTPUTS]
    folders = (root / name for name in ("data", "other", "models"))
    anomaly.tell_apart(ANOMALY | changed, *folders, *outputs)


def set_side_by_side(root: Path, **changed) -> None:
    folder = root / "contrast"
    folder.mkdir(exist_ok=True)
    outputs = [folder / name for name in contrast.OUTPUTS]
    contrast.contrast(CONTRAST | changed, root / "data", root / "models", *outputs)


def draw(root: Path) -> None:
    outputs = (root / name for name in OF_A_VARIANT)
    draw_variant(LOOK, root / "models/ae", root / "analyses/ae", *outputs)


def compare(root: Path) -> None:
    parts = ("models", "evaluations", "analyses", "anomaly", "contrast", "judge")
    outputs = (root / name for name in comparison.OUTPUTS)
    comparison.compare(COMPARISON, *(root / part for part in parts), *outputs)
