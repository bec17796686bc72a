"""Lines of one order add up to the order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plugins.shared.orders import OrderColumns, add_up, order_numbers


def customers(*ids: list[str | None]) -> list[Any]:
    return [
        SimpleNamespace(transactions=[SimpleNamespace(transaction_id=name) for name in names])
        for names in ids
    ]


def test_rows_without_an_id_are_orders_of_their_own() -> None:
    assert order_numbers(customers([None, None], ["a", "b"])) is None
    numbers = order_numbers(customers(["a", None, "a", None], ["a"]))
    assert numbers is not None
    assert numbers.tolist() == [0, 1, 0, 2, 3]


def test_an_order_has_the_day_of_its_earliest_line() -> None:
    lines = OrderColumns(np.array([5, 3, 9, 4]), np.array([1.0, 2.0, 4.0, 8.0]), np.array([3, 1]))
    orders = add_up(lines, np.array([0, 0, 1, 2]))
    assert orders.days.tolist() == [3, 9, 4]
    assert orders.amounts.tolist() == [3.0, 4.0, 8.0]
    assert orders.sizes.tolist() == [2, 1]


@given(st.lists(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=6), min_size=1, max_size=6))
def test_no_line_is_lost(ids: list[list[str | None]]) -> None:
    rows = sum(map(len, ids))
    sizes = np.array(list(map(len, ids)))
    lines = OrderColumns(np.arange(rows), np.arange(rows, dtype=float), sizes)
    orders = add_up(lines, order_numbers(customers(*ids)))
    assert orders.amounts.sum() == lines.amounts.sum()
    assert orders.sizes.tolist() == [
        len({name for name in names if name is not None}) + names.count(None) for names in ids
    ]
