"""Peak memory of ingest does not grow with the file."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from vaepipe.datasets.formats import emnist

ROWS = 112_800
LIMIT_MB = 500

PEAK = """
import sys
from pathlib import Path
from vaepipe.datasets.formats.emnist import ingest_file
letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ingest_file(Path(sys.argv[1]), Path(sys.argv[2]), "balanced", "transposed", letters)
status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent's peak
print(status.split("VmHWM:")[1].split()[0])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc/self/status")
@pytest.mark.parametrize("times", [1, 8])
def test_peak_memory_of_the_official_length_and_of_eight_times_that(tmp_path, times):
    generator = np.random.default_rng(0)
    block = tmp_path / "block.csv"
    images = generator.integers(0, 256, (4700, 28, 28), dtype=np.uint8)
    images[generator.random(images.shape) < 0.8] = 0
    emnist.write_csv(block, np.arange(4700) % 47, images)
    source = tmp_path / "long.csv"
    content = block.read_bytes()
    with source.open("wb") as file:
        for _ in range(times * ROWS // 4700):
            file.write(content)
    result = subprocess.run(
        [sys.executable, "-c", PEAK, source, tmp_path / "images.parquet"],
        cwd=ROOT / "src",
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(result.stdout) / 1024 < LIMIT_MB
    source.unlink()
