from vaepipe.datasets.formats.side_by_side import AHEAD, in_order


def test_results_come_in_order_and_few_tasks_are_begun_ahead():
    begun = []

    def tasks():
        for i in range(50):
            begun.append(i)
            yield lambda i=i: i

    results = in_order(tasks(), 3)
    assert [next(results) for _ in range(10)] == list(range(10))
    assert len(begun) <= 10 + 3 * AHEAD
    assert list(results) == list(range(10, 50))
