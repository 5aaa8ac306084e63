"""However the two engines take turns, neither shows a stale result as fresh."""

import pytest
from graph.walk import Walk


@pytest.mark.parametrize("seed", range(3))
def test_a_random_walk_meets_no_wrong_claim(tmp_path, seed):
    Walk(tmp_path, seed).walk(12)
