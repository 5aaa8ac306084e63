# GPUs are a resource: as many jobs hold one at a time as there are.
from vaepipe.machine.gpus import count_gpus


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


def claimed_gpus(section):
    """What a job holds of the resource `gpu`, by the `device` of a section of its study."""

    return lambda w: claims_gpu(getattr(study(w), section).device)


def claims_gpu(device):
    return int(device == "cuda" or (device == "auto" and GPUS > 0))


def threads_of(section):
    """The threads of a job, which are a parameter: sums depend on them."""
    return lambda w: getattr(study(w), section).threads
