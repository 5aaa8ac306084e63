"""Print the graph that Snakemake builds in the current folder, as JSON."""

import json
import sys
from pathlib import Path

from snakemake.api import DAGSettings, OutputSettings, ResourceSettings, SnakemakeApi
from snakemake.settings.types import Quietness

with SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, dryrun=True)) as api:
    workflow_api = api.workflow(ResourceSettings(cores=1), snakefile=Path("Snakefile"))
    dag_api = workflow_api.dag(DAGSettings(targets={sys.argv[1]}, forceall=True))
    dag_api.execute_workflow(executor="dryrun")
    jobs = workflow_api._workflow.dag.jobs
    nodes = []
    for job in jobs:
        if not job.output:
            continue
        plan_file = str(job.input.node)
        plan = json.loads(Path(plan_file).read_text())
        nodes.append(
            {
                "command": job.shellcmd.split(),
                "inputs": sorted({*map(str, job.input), *plan["files"]} - {plan_file}),
                "outputs": sorted(map(str, job.output)),
                "params": sorted(plan["params"]),
            }
        )
print(json.dumps(nodes))
