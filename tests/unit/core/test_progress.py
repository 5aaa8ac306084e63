import time

import pytest

from vaepipe.core.progress import expected_end


def test_the_end_is_expected_after_as_long_again_for_what_is_left():
    began = time.time() - 100
    early, late = (expected_end(began, done, left) for done, left in ((5, 5), (1, 9)))
    ends = [time.mktime(time.strptime(end, "%Y-%m-%d %H:%M:%S")) for end in (early, late)]
    assert ends == [pytest.approx(began + 200, abs=2), pytest.approx(began + 1000, abs=2)]
