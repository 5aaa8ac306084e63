# Before and after a run: busy files, recording in DVC, last words.
import atexit
import time

from bridge.busy import occupy, planned_outputs, release
from bridge.failures import describe
from bridge.graph import write_graph
from bridge.record import executed_outputs, record, snapshot

STARTED = snapshot() if workflow.is_main_process else None
BEGAN = time.time()


onstart:
    try:
        occupy(planned_outputs(workflow))
    except InputError as error:
        raise WorkflowError(str(error)) from None
    write_graph(workflow)


onsuccess:
    release()
    record(executed_outputs(workflow), STARTED)


onerror:
    release()
    record(executed_outputs(workflow), STARTED)
    if workflow.scheduler.failed:
        atexit.register(print, describe(workflow.scheduler.failed, BEGAN), file=sys.stderr)
