from vaepipe.models.schedules import linear


def test_kl_weight_grows_linearly_to_one():
    assert [linear(step, 4) for step in (0, 1, 2, 4, 9)] == [0, 0.25, 0.5, 1, 1]
    assert linear(0, 0) == 1
