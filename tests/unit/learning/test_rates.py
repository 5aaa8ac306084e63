import pytest

from vaepipe.learning.rates import burda_2016, constant


def test_stages_are_3_times_as_long_each():
    stages = [round(burda_2016(epoch) ** -1, 12) for epoch in range(3280)]
    assert [stages.count(value) for value in sorted(set(stages))] == [3**i for i in range(8)]
    assert stages == sorted(stages)
    assert burda_2016(0) == 1 and burda_2016(3279) == pytest.approx(0.1)
    assert burda_2016(1) == burda_2016(3) == pytest.approx(10 ** (-1 / 7))


def test_constant_is_one():
    assert constant(0) == constant(10**6) == 1
