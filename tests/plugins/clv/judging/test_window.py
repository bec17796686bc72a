import numpy as np

from plugins.clv.history.histories import Occasions
from plugins.clv.judging.window import split


def test_a_split_shows_no_candidate_the_future() -> None:
    bought = Occasions(
        np.array([0, 0, 0, 1, 2, 2]), np.array([0, 50, 95, 99, 10, 20]), np.array([5.0, 6, 7, 8, 9, 10])
    )
    found = split(bought, 100, 30)
    assert found is not None
    assert found.days == 30
    assert found.history.owner.tolist() == [0, 2]
    assert found.history.frequency.tolist() == [1, 1]
    assert found.history.T.tolist() == [70.0, 60.0]
    assert found.history.monetary_value.tolist() == [6.0, 10.0]
    assert found.txns.tolist() == [1.0, 0.0]
    assert found.value.tolist() == [7.0, 0.0]


def test_at_most_a_third_is_held_out_and_of_two_days_nothing() -> None:
    bought = Occasions(np.array([0, 0]), np.array([0, 50]), np.ones(2))
    found = split(bought, 90, 365)
    assert found is not None
    assert (found.days, found.history.T.tolist()) == (30, [60.0])
    assert split(bought._replace(day=np.array([88, 89])), 90, 365) is None
