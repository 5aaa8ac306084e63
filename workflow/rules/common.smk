import sys
from functools import partial

from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.27")

sys.path[:0] = ["src", "workflow"]

from bridge import imports
from bridge.nodes import check_raw_files
from vaepipe.config.sources import EMNIST_FILES
from vaepipe.core.errors import InputError
from vaepipe.core.files import tree
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
except InputError as error:
    raise WorkflowError(str(error)) from None

CHAPTERS = {}
"""What the report of each study is made of; a study's own rules fill it in."""


wildcard_constraints:
    sample="[a-z][a-z0-9_]*",
    source="[a-z][a-z0-9_]*",
    dataset="[a-z][a-z0-9_]*",
    study="[a-z][a-z0-9_]*",
    variant="[a-z][a-z0-9_]*",


def variant(w):
    """The block of a variant, which must belong to the study of the path."""
    block = PARAMS.variants.get(w.variant)
    if block is None or block.study != w.study:
        raise WorkflowError(f"params.yaml: the study '{w.study}' has no variant '{w.variant}'.")
    return block


def study(w):
    """The section of a study."""
    if w.study not in dict(PARAMS.studies):
        raise WorkflowError(f"params.yaml: there is no study '{w.study}'.")
    return getattr(PARAMS.studies, w.study)


def dataset(w):
    """The block of a data set."""
    if w.dataset not in PARAMS.datasets:
        raise WorkflowError(f"params.yaml: there is no data set '{w.dataset}'.")
    return PARAMS.datasets[w.dataset]


def chapter(w):
    """What the chapter of a study is made of."""
    study(w)
    return CHAPTERS[w.study]


def processed(w):
    folder = f"data/processed/{variant(w).dataset}"
    return [f"{folder}/train.parquet", f"{folder}/test.parquet"]


def one_of(names):
    """A constraint to these names, so that no two formats could make the same file."""
    return "|".join(names) or "(?!)"


def figures(category, subcategory, folder, captions, names, **labels):
    """Figures as results of `snakemake --report`, told apart by their labels."""
    result = partial(report, category=category, subcategory=subcategory)
    return [
        result(
            f"{folder}/{name}.svg",
            caption=f"../report/captions/{captions}{name}.rst",
            labels=labels | {"figure": name.replace("_", " ")},
        )
        for name in names
    ]


def emnist_files(source):
    """The files of a source in EMNIST's form."""
    block = PARAMS.sources.emnist[source]
    return [block.train, block.test]
