import pytest

from vaepipe.datasets.formats.characters import CLASSES
from vaepipe.datasets.samples.glyphs import ALLOGRAPHS, BOTH_CASES, class_allographs, read_allograph


@pytest.mark.parametrize("name", BOTH_CASES)
def test_merged_classes_hold_both_forms(name):
    forms = len(class_allographs(name))
    upper, lower = (len(ALLOGRAPHS[c].strip().splitlines()) for c in (name, name.lower()))
    assert forms == upper + lower
    assert min(upper, lower) >= 2


@pytest.mark.parametrize("name", sorted(set(CLASSES) - set(BOTH_CASES)))
def test_other_classes_hold_one_form(name):
    assert len(class_allographs(name)) == len(ALLOGRAPHS[name].strip().splitlines())


def test_read_allograph():
    weight, (first, second) = read_allograph("0.5: 0,10 20,40; 60,80 / 4,4 8,8", 0.5)
    assert weight == 0.5
    assert first.points == [(0, 5), (10, 20), (30, 40)]
    assert first.corners == [False, True, False]
    assert second.points == [(2, 2), (4, 4)]
