import pytest

from vaepipe.datasets.samples.glyphs import read_allograph
from vaepipe.datasets.samples.numerals import NUMERALS, SMALL, numeral_allographs


@pytest.mark.parametrize("digit", range(10))
def test_a_digit_is_written_in_several_ways_that_fill_its_height(digit):
    ways = numeral_allographs(digit)
    assert len(ways) == len(NUMERALS[str(digit)].strip().splitlines()) >= 8
    for weight, strokes in ways:
        assert 0 < weight <= 8
        heights = [y for stroke in strokes for _, y in stroke.points]
        height = 85 if str(digit) in SMALL else 100
        assert 0.8 * height <= max(heights) - min(heights) <= height


def test_no_way_stands_twice():
    for lines in NUMERALS.values():
        shapes = [read_allograph(line, 1)[1] for line in lines.strip().splitlines()]
        assert all(shape not in shapes[:i] for i, shape in enumerate(shapes))
