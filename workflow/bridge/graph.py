"""The graph of a run as a file, for what reads it beside Snakemake: `results/costs.pdf`."""

from pathlib import Path

from vaepipe.core.files import replacing, write_json

GRAPH = Path(".cache/graph.json")


def write_graph(workflow) -> None:
    """List every job that makes something, in the order of the rules."""
    rules = [rule.name for rule in workflow.rules]
    jobs = [
        {
            "rule": job.rule.name,
            "name": " ".join(list(job.wildcards)[-1:]),
            "variant": job.wildcards_dict.get("variant"),
            "log": str(job.log[0]),
            "benchmark": str(job.benchmark),
        }
        for job in workflow.persistence.dag.jobs
        if job.output and job.rule.name != "costs"
    ]
    with replacing(GRAPH) as (path,):
        jobs.sort(key=lambda job: (rules.index(job["rule"]), job["log"]))
        write_json(path, {"jobs": jobs})
