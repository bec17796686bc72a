import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugins.clv.tiers import potential, top_shares

BASE = st.lists(st.tuples(st.integers(0, 5), st.integers(-100, 10_000)), min_size=1, max_size=50)


def test_the_top_30_percent_of_reference_4_1_5() -> None:
    found = potential(np.array([1] * 11), np.arange(11.0))
    assert found.cut == 7.0
    assert found.rank.tolist() == [1] * 7 + [2] * 4


@given(BASE)
def test_low_is_a_one_time_buyer_and_more_value_never_lowers_the_tier(base: list[tuple[int, int]]) -> None:
    frequency, value = np.array(base).T
    rank = potential(frequency, value.astype(float)).rank
    assert ((rank == 0) == (frequency == 0)).all()
    repeat = frequency > 0
    order = np.argsort(value[repeat], kind="stable")
    assert (np.diff(rank[repeat][order]) >= 0).all()


def test_equal_values_are_all_high() -> None:
    assert potential(np.array([1] * 7), np.full(7, 0.1 + 0.2)).rank.tolist() == [2] * 7


@given(st.lists(st.integers(0, 9), min_size=1, max_size=30))
def test_a_top_share_is_the_share_that_has_as_much(values: list[int]) -> None:
    wanted = [sum(other >= value for other in values) / len(values) for value in values]
    assert top_shares(np.array(values)).tolist() == wanted
