import pytest

from vaepipe.learning.rates import burda_2016, constant, exponential

RATE = {"learning_rate": 0.5}


def test_stages_are_3_times_as_long_each():
    stages = [round(RATE["learning_rate"] / burda_2016(epoch, RATE), 12) for epoch in range(3280)]
    assert [stages.count(value) for value in sorted(set(stages))] == [3**i for i in range(8)]
    assert stages == sorted(stages)
    assert burda_2016(0, RATE) == 0.5 and burda_2016(3279, RATE) == pytest.approx(0.05)
    assert burda_2016(1, RATE) == burda_2016(3, RATE) == pytest.approx(0.5 * 10 ** (-1 / 7))


def test_constant_is_the_rate():
    assert constant(0, RATE) == constant(10**6, RATE) == 0.5


@pytest.mark.parametrize(("epochs", "last"), [(50, 3.0336164e-06), (20, 7.1793643e-06), (2, 0.3)])
def test_exponential_goes_by_one_factor_from_the_first_rate_to_exactly_the_last(epochs, last):
    settings = {"learning_rate": 1e-4, "last_learning_rate": last, "epochs": epochs}
    rates = [exponential(epoch, settings) for epoch in range(epochs)]
    assert rates[0] == 1e-4 and rates[-1] == last
    factor = (last / 1e-4) ** (1 / (epochs - 1))
    assert rates == pytest.approx([1e-4 * factor**epoch for epoch in range(epochs)])
