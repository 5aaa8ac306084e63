import gzip
import zlib

import numpy as np
import pytest

from vaepipe.datasets.formats.stored import stored, stored_zlib


@pytest.mark.parametrize("count", [0, 1, 65_535, 65_536, 200_000])
def test_what_is_stored_is_unpacked(count):
    content = np.arange(count).astype(np.uint8).tobytes()
    assert gzip.decompress(stored(content)) == content
    assert zlib.decompress(stored_zlib(content)) == content


def test_bytes_are_stated_here_and_by_no_release_of_zlib():
    content = bytes([0, 0, 8, 1, 0, 0, 0, 1, 5])
    assert stored(content).hex() == (
        "1f8b08000000000000ff010900f6ff000008010000000105a24ccb7709000000"
    )
