# What a node of the graph reads beside its input files: parameters, raw files, code.
import atexit
import os
from pathlib import Path

from snakemake.io import apply_wildcards

from bridge.nodes import Nodes
from vaepipe.core.provenance import PLANNED, plan_file

os.environ[PLANNED] = "1"  # for the jobs' scripts
NODES = Nodes(PARAM_VALUES, quiet=workflow.touch)
if workflow.is_main_process:
    atexit.register(NODES.close)


def refuse(error):
    """End at once, since Snakemake adds a traceback to what an input function raises."""
    print(f"error: {shortage(error) or error}", file=sys.stderr, flush=True)
    os._exit(1)


def node(rule, w, *sections, files=()):
    """The plan of a rule and its wildcards, up to date (see workflow/bridge/nodes.py).

    It holds the sections of params.yaml, what the rule's script imports, and these files.
    """
    made = workflow.get_rule(rule)
    values = dict(w.items())
    log, benchmark, *outputs = [
        apply_wildcards(str(file), values) for file in (*made.log, made.benchmark, *made.output)
    ]
    place = Path(log).relative_to("logs").with_suffix("")
    if not workflow.is_main_process:
        return str(plan_file(place))
    names = dump(PARAMS.variants[w.variant]) if "variant" in values else {}
    script = next(word for word in made.shellcmd.split() if word.endswith(".py"))
    try:
        files = [*imports.files(script, names), *files]
        plan = str(NODES.update(place, sections, files, outputs, Path(benchmark)))
    except Exception as error:  # Snakemake would take an output that exists for a source
        refuse(error)
    workflow.iocache.exists_local[plan] = True  # it may have listed the folder before
    return plan
