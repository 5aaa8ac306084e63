import sys

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")

sys.path.insert(0, "src")

from vaepipe.config import EMNIST_FILES, load_params
from vaepipe.errors import InputError
from vaepipe.files import code_files
from vaepipe.nodes import check_raw_files, write_node

if config:
    raise WorkflowError(
        "params.yaml is the only configuration: edit it, or run "
        "`dvc exp run -S variants.vae_2.training.learning_rate=0.01`."
    )

try:
    PARAMS = load_params()
    check_raw_files(PARAMS)
except InputError as error:
    raise WorkflowError(str(error)) from None


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    dataset="[a-z][a-z0-9_]*",
    study="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",


def node(name, *sections, raw=()):
    """The node file: what a node reads of params.yaml, and the digests of raw files."""
    try:
        return write_node(name, PARAMS, sections, raw, write=workflow.is_main_process)
    except InputError as error:
        raise WorkflowError(str(error)) from None


def code(script, *modules):
    """The files of a script and of the library's modules that it uses."""
    paths = [name.replace(".", "/") for name in ("errors", "files", "command", *modules)]
    return [f"workflow/scripts/{script}.py", *(f"src/vaepipe/{path}.py" for path in paths)]
