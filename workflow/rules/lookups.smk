# What rules look up in params.yaml.
from functools import partial
from pathlib import Path

from vaepipe.config.fields import RAW
from vaepipe.config.sources import CIFAR_FILES, EMNIST_FILES, IDX_FILES, IMAGES_FILES

CHAPTERS = {}
"""What the report of each study is made of; a study's own rules fill it in."""


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


def judge(w):
    """The block of a data set's judge."""
    dataset(w)
    return PARAMS.judges[w.dataset]


def judged_by(dataset):
    """The files of a data set's judge."""
    return [f"results/judges/{dataset}/{file}" for file in ("model.safetensors", "judge.json")]


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


def raw(files):
    """Those of a source's files that are the user's own."""
    return [file for file in files if Path(file).is_relative_to(RAW)]
