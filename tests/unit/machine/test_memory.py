import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from vaepipe.machine.memory import keep_freed

def step():
    large = [np.ones(2**18) for _ in range(4)]  # 2 MB each

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

if sys.argv[1] == "kept":
    keep_freed()
step(), step()
before = faults()
for _ in range(20):
    step()
print(faults() - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="of the GNU C library")
def test_what_is_freed_is_not_fetched_from_the_system_again():
    kept, left = (
        int(subprocess.check_output([sys.executable, "-c", FAULTS, word], text=True))
        for word in ("kept", "left")
    )
    assert kept < 100 < 5000 < left
