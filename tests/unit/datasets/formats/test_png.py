"""PNG files that other programs read."""

import io

import numpy as np
import pytest
from PIL import Image

from vaepipe.datasets.formats.png import encode


@pytest.mark.parametrize("shape", [(1, 1), (5, 3), (96, 96), (200, 150)])
def test_pillow_reads_the_pixels_that_were_written(shape):
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    with Image.open(io.BytesIO(encode(image))) as read:
        assert (read.format, read.mode) == ("PNG", "RGB")
        np.testing.assert_array_equal(np.asarray(read), image)


def test_bytes_are_stated_here_and_by_no_library():
    assert encode(np.array([[[1, 2, 3]]], np.uint8)).hex() == (
        "89504e470d0a1a0a"
        "0000000d4948445200000001000000010802000000907753de"
        "0000000f494441547801010400fbff00010203000e00072da233ec"
        "0000000049454e44ae426082"
    )
