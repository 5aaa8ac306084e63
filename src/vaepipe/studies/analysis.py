"""The analysis of a variant: what its study's figures are drawn from."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from vaepipe.core.errors import InputError
from vaepipe.core.files import write_arrays, write_json
from vaepipe.datasets.images import FILES, read_images
from vaepipe.machine.device import naming_full_memory, prepare
from vaepipe.models.architecture import trace
from vaepipe.models.batch import Batch
from vaepipe.models.saved import CONFIG, load, read_config

OUTPUTS = ("arrays.safetensors", "analysis.json")


def analyse_variant(
    settings: Mapping[str, Any], data: Path, model_folder: Path, *outputs: Path
) -> None:
    """Run the analysis of the variant's study; the outputs are in the order of OUTPUTS.

    To the facts of the study comes `architecture`: the layers, as `trace` finds them.
    """
    device = prepare(settings["device"], settings["threads"])
    images = [read_images(data / name) for name in FILES]
    config = read_config(model_folder)
    try:
        analysis = import_module(f"vaepipe.studies.{config['study']}.analysis")
    except ModuleNotFoundError as error:
        raise InputError(
            f"{model_folder / CONFIG}: there is no study '{config['study']}'. Delete the folder "
            "and train again."
        ) from error
    with naming_full_memory(f"studies.{config['study']}.analysis"):
        splits = [Batch.of(split, device) for split in images]
        seeds = config["training"]["seeds"]
        models = [load(model_folder, seed).to(device) for seed in seeds]
        arrays, facts = analysis.analyse(models, *splits, images[1].kind, settings)
        architecture = trace(models[0].network, config["shape"])
    arrays_file, facts_file = outputs
    write_arrays(arrays_file, arrays)
    write_json(facts_file, facts | {"architecture": architecture})
