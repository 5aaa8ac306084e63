import atexit
import sys
import time
from functools import partial
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.io import IOFile
from snakemake.utils import min_version

min_version("9.27")

sys.path[:0] = ["src", "workflow"]

from bridge.busy import occupy, planned_outputs, release
from bridge.failures import describe
from bridge.nodes import check_raw_files, update_node
from bridge.record import executed_outputs, record, snapshot
from vaepipe.config import EMNIST_FILES, dump, load_params
from vaepipe.errors import InputError
from vaepipe.files import code_files
from vaepipe.gpus import count_gpus

if config:
    raise WorkflowError(
        "params.yaml is the only configuration: edit it, or run "
        "`dvc exp run -S variants.vae_2.training.learning_rate=0.01`."
    )

try:
    PARAMS = load_params()
    PARAM_VALUES = dump(PARAMS)
    check_raw_files(PARAMS)
except InputError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    dataset="[a-z][a-z0-9_]*",
    study="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",


UPDATED = set()
FOREIGN = set()


def node(rule, w, *sections, raw=()):
    """The node file of a rule and its wildcards, up to date (see workflow/bridge/nodes.py)."""
    path = Path(".cache/nodes", rule, *w).with_suffix(".json")
    if workflow.is_main_process and path not in UPDATED:
        UPDATED.add(path)
        outputs = expand(getattr(rules, rule).output, **dict(w.items()))
        try:
            foreign = update_node(path, PARAM_VALUES, sections, raw, outputs, made)
        except InputError as error:
            raise WorkflowError(str(error)) from None
        if foreign:
            measured = expand(getattr(rules, rule).benchmark, **dict(w.items()))
            Path(*measured).unlink(missing_ok=True)  # it is not of this output
        if foreign and not FOREIGN and not workflow.touch:
            print(
                f"Snakemake did not make {outputs[0]}, so it will be made again. If DVC did, "
                "`python workflow/bridge/adopt.py` takes over all that DVC made.",
                file=sys.stderr,
            )
            FOREIGN.add(path)
    return str(path)


def made(output):
    """The time of an output when Snakemake made or adopted it, or None."""
    metadata = workflow.persistence.metadata(IOFile(output))
    return metadata and metadata.endtime


def code(script, *modules):
    """The files of a script and of the library's modules that it uses."""
    names = ("errors", "files", "command", *modules)
    paths = [Path("src", "vaepipe", *name.split(".")).with_suffix(".py") for name in names]
    return [f"workflow/scripts/{script}.py", *map(str, paths)]


def source(w):
    """The files of an EMNIST data set."""
    if w.dataset not in PARAMS.datasets.emnist:
        raise WorkflowError(f"params.yaml: there is no datasets.emnist.{w.dataset}.")
    block = PARAMS.datasets.emnist[w.dataset].source
    return [block.train, block.test]


def variant(w):
    """The block of a variant, which must belong to the study of the path."""
    block = PARAMS.variants.get(w.variant)
    if block is None or block.study != w.study:
        raise WorkflowError(f"params.yaml: the study '{w.study}' has no variant '{w.variant}'.")
    return block


def processed(w):
    folder = f"data/processed/{variant(w).dataset}"
    return [f"{folder}/train.parquet", f"{folder}/test.parquet"]


def gpus():
    """How many GPUs the jobs of this run may hold together.

    What `--resources gpu=N` or a profile says; else as many as this machine has. A cluster's are
    not known here, so its profile must state them. To be called before the scheduler starts.
    """
    given = workflow.global_resources.get("gpu").value
    if given is not None:
        return given
    if workflow.resource_settings.nodes is not None:
        return 0
    found = count_gpus()
    workflow.register_resource("gpu", found)
    return found


GPUS = gpus()


def claimed_gpus(device):
    """What a job with this `device` in params.yaml holds of the resource `gpu`."""
    return int(device == "cuda" or (device == "auto" and GPUS > 0))


def letters_results(subcategory, folder, names, caption="", **labels):
    """Figures as results of `snakemake --report`, told apart by their labels."""
    result = partial(report, category="Letters", subcategory=subcategory)
    return [
        result(
            f"results/letters/{folder}/{name}.svg",
            caption=f"../report/captions/{caption}{name}.rst",
            labels=labels | {"figure": name.replace("_", " ")},
        )
        for name in names
    ]


STARTED = snapshot() if workflow.is_main_process else None
BEGAN = time.time()


onstart:
    try:
        occupy(planned_outputs(workflow))
    except InputError as error:
        raise WorkflowError(str(error)) from None


onsuccess:
    release()
    record(executed_outputs(workflow), STARTED)


onerror:
    release()
    record(executed_outputs(workflow), STARTED)
    if workflow.scheduler.failed:
        atexit.register(print, describe(workflow.scheduler.failed, BEGAN), file=sys.stderr)
