"""An autoencoder and a VAE side by side, and images of one pixel error: files in, files out."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.generative.analysis import whole_bytes
from vaepipe.machine.device import prepare
from vaepipe.models.batch import Batch
from vaepipe.models.saved import load, read_config
from vaepipe.studies.faces.equal_errors import equal_errors
from vaepipe.studies.faces.neighbourhood import neighbourhood

OUTPUTS = ("contrast.json", "contrast.safetensors")
KINDS = ("autoencoder", "vae")
SETS = ("aggregate", "prior", "fitted", "between")
"""What is shown of what a model decodes, see `neighbourhood`."""


def contrast(settings: Mapping[str, Any], data: Path, models: Path, *outputs: Path) -> None:
    """Contrast two trained variants; the outputs are in the order of OUTPUTS.

    The settings are the section `contrast` of the study; `models` holds a folder a variant. The
    table has for each of KINDS what `neighbourhood` finds in each seed, and what `equal_errors`
    finds, means over images; the arrays are the pictures of first seeds, and those of the first
    image that could be matched, uint8 (ways, pixels), as it is and altered: "equal". Raises
    InputError for settings that do not fit the data.
    """
    device = prepare(settings["device"], settings["threads"])
    train, test = (read_images(data / name) for name in FILES)
    kind = test.kind
    seen, unseen = (Batch.of(of, device).clean for of in (train, test))
    facts: dict[str, Any] = {}
    arrays: dict[str, np.ndarray] = {}
    for of in KINDS:
        folder = models / settings[of]
        seeds = read_config(folder)["training"]["seeds"]
        found = [
            neighbourhood(load(folder, seed).to(device), seen, unseen, settings) for seed in seeds
        ]
        facts[of] = [own for _, own in found]
        pictures, _ = found[0]
        arrays |= {f"{of}_{name}": pictures[name] for name in SETS}
        arrays |= {name: pictures[name] for name in ("data", "crossfade")}
    images = unseen[: settings["images"]]
    rows, altered = equal_errors(images, seen, kind.shape, settings["seed"])
    first = [images[rows[:1]], *(of.images[:1] for of in altered.values())]
    arrays["equal"] = np.concatenate([whole_bytes(of) for of in first])
    table_file, arrays_file = outputs
    write_arrays(arrays_file, arrays)
    shared = {key: settings[key] for key in (*KINDS, "images", "multiples", "steps", "samples")}
    equal = {
        name: {key: float(getattr(of, key).mean()) for key in ("mse", "ssim", "nearest")}
        for name, of in altered.items()
    }
    write_json(
        table_file,
        {
            "shape": list(kind.shape),
            **shared,
            "found": facts,
            "equal": {"images": len(rows), "ways": equal},
        },
    )
