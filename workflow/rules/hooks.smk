# Before and after a run: busy files, recording in DVC, last words.
import atexit
import time

from bridge.busy import planned_places, release, start
from bridge.failures import describe
from bridge.graph import write_graph
from bridge.record import executed_outputs, record

BEGAN = time.time()


onstart:
    try:
        start(workflow, planned_places(workflow))
        NODES.check_unchanged()
        write_graph(workflow)
    except (InputError, OSError) as error:
        raise WorkflowError(shortage(error) or str(error)) from None


onsuccess:
    record(executed_outputs(workflow))
    release()


onerror:
    record(executed_outputs(workflow))
    release()
    if workflow.scheduler.failed:
        atexit.register(print, describe(workflow.scheduler.failed, BEGAN), file=sys.stderr)
