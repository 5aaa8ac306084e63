# What a node of the graph reads beside its input files: parameters, raw files, code.
from pathlib import Path

from snakemake.io import IOFile

from bridge.nodes import Nodes


def made(output):
    """The time of an output when Snakemake made or adopted it, or None."""
    metadata = workflow.persistence.metadata(IOFile(output))
    return metadata and metadata.endtime


NODES = Nodes(PARAM_VALUES, made, quiet=workflow.touch)


def node(rule, w, *sections, raw=()):
    """The node file of a rule and its wildcards, up to date (see workflow/bridge/nodes.py)."""
    path = Path(".cache/nodes", rule, *w).with_suffix(".json")
    if workflow.is_main_process:
        outputs = expand(getattr(rules, rule).output, **dict(w.items()))
        benchmark = Path(*expand(getattr(rules, rule).benchmark, **dict(w.items())))
        try:
            NODES.update(path, sections, raw, outputs, benchmark)
        except InputError as error:
            raise WorkflowError(str(error)) from None
    return str(path)


def code(script):
    """The files that a script, such as prepare, depends on."""
    return imports.files(f"workflow/scripts/{script}.py", {})


def code_of_variant(script):
    """The same for a script that a variant's names choose modules for."""
    path = f"workflow/scripts/{script}.py"
    return lambda w: imports.files(path, dump(variant(w)))
