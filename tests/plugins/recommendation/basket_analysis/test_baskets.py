"""Orders as arrays."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugins.recommendation.basket_analysis.baskets import baskets, coded, holders

NAMES = st.text(st.sampled_from("ab\x00\n\ud7ffé日\U0001f600"), min_size=1, max_size=3)
ORDERS = st.lists(st.lists(NAMES, max_size=5), max_size=30)


@given(ORDERS)
def test_codes_read_back_as_the_orders_that_were_sent(orders: list[list[str]]) -> None:
    found = coded(orders)
    lines = [found.names[code] for code in found.codes]
    starts = [0, *found.ends.tolist()]
    assert [lines[a:b] for a, b in itertools.pairwise(starts)] == orders
    assert found.names == list(dict.fromkeys(name for order in orders for name in order))


def test_more_names_than_the_first_table_holds() -> None:
    names = [f"SKU-{number}" for number in range(20_000)]
    found = coded([names, names[::-1]])
    assert found.names == names
    assert found.codes.tolist() == [*range(20_000), *range(19_999, -1, -1)]


def test_a_thing_counts_once_per_order_and_minus_one_is_left_out() -> None:
    found = coded([["a", "a", "b"], [], ["b", "c"]])
    sets = baskets(found.codes, found.ends, np.array([0, 1, -1], np.int32), 2)
    assert sets.things.tolist() == [0, 1, 1]
    assert sets.ends.tolist() == [2, 2, 3]
    assert sets.support.tolist() == [1, 2]
    held = holders(sets)
    assert held.orders.tolist() == [0, 0, 2]
    assert held.starts.tolist() == [0, 1, 3]
