import sys

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")

sys.path[:0] = ["src", "workflow"]

from bridge import imports
from bridge.nodes import check_raw_files
from vaepipe.core.causes import shortage
from vaepipe.core.errors import InputError
from vaepipe.params import dump, load_params

if config:
    raise WorkflowError(
        "params.yaml is the only configuration: edit it, or run "
        "`dvc exp run -S variants.vae_2.training.learning_rate=0.01`."
    )

try:
    PARAMS = load_params()
    PARAM_VALUES = dump(PARAMS)
    check_raw_files(PARAMS)
    imports.check()
    imports.check_chosen(PARAM_VALUES["variants"])
except (InputError, OSError) as error:
    raise WorkflowError(shortage(error) or str(error)) from None


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    source="[a-z][a-z0-9_]*",
    dataset="[a-z][a-z0-9_]*",
    study="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",
