"""The last lines of a failed run: which nodes failed, why, and where their logs are."""

import re
from collections.abc import Iterable
from pathlib import Path

SILENT = "it ended without an error message: killed, perhaps for want of memory"
NO_LOG = "it ended before it wrote a log; its messages stand above"


def describe(jobs: Iterable, since: float) -> str:
    """Two lines for each failed node of Snakemake, in a run that began at `since` (time.time())."""
    lines = []
    for job in jobs:
        causes = {node: cause(Path(node.log[0]), since) for node in nodes(job)}
        told = {node: text for node, text in causes.items() if text not in (SILENT, NO_LOG)}
        lines += [
            f"{name(node)} failed: {text}\nIts log is {node.log[0]}"
            for node, text in (told or causes).items()
        ]
    return "\n".join(sorted(lines))


def nodes(job) -> list:
    """The job, or those that travel in it as a group; which of them failed only their logs tell."""
    return list(job.jobs) if job.is_group() else [job]


def name(job) -> str:
    """The rule and what it was called for, such as "train vae_20"."""
    return " ".join([job.rule.name, *list(job.wildcards)[-1:]])


def cause(log: Path, since: float) -> str:
    """The last error that a log states, in the words that the user saw."""
    if not log.is_file() or not log.stat().st_size or log.stat().st_mtime < since:
        return NO_LOG  # Snakemake makes an empty one after the failure
    text = log.read_text(errors="replace")
    errors = re.split(r"^\d{4}-\d\d-\d\d [\d:,]+ error: ", text, flags=re.MULTILINE)
    return errors[-1].strip() if len(errors) > 1 else SILENT
