"""Dearer items, ranked by what they are expected to bring."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.recommendation.basket_analysis import upsell
from plugins.recommendation.basket_analysis.baskets import Baskets, baskets
from plugins.recommendation.basket_analysis.upsell import Catalogue, TooMuch, Window, suggest

ITEMS = 8
SHELVES = np.array([0, 0, 0, 1, 1, 2, 2, 2], np.int32)
ORDERS = st.lists(st.sets(st.integers(0, ITEMS - 1), max_size=4), min_size=1, max_size=15)
PRICES = st.lists(st.sampled_from([0.0, 10.0, 11.0, 15.0, 20.0, 33.0]), min_size=ITEMS, max_size=ITEMS)
WEIGHTS = st.lists(st.sampled_from([0.0, 0.25, 1.0]), min_size=ITEMS, max_size=ITEMS)


def sets(orders: list[set[int]]) -> Baskets:
    lines = np.array([item for order in orders for item in sorted(order)], np.int32)
    ends = np.cumsum([len(order) for order in orders])
    return baskets(lines, ends, np.arange(ITEMS, dtype=np.int32), ITEMS)


def by_hand(
    orders: list[set[int]], owned: set[int], prices: list[float], weights: list[float], window: Window
) -> dict[int, float]:
    """What each suggested item is expected to bring."""
    found: dict[int, float] = {}
    for base in owned:
        shelf = SHELVES[base]
        with_shelf = [order for order in orders if any(SHELVES[item] == shelf for item in order)]
        for item in set(range(ITEMS)) - owned:
            dearer = prices[base] > 0 and prices[item] > prices[base]
            if not dearer or not window.low - 1e-9 <= prices[item] / prices[base] - 1 <= window.high + 1e-9:
                continue
            near = [order for order in with_shelf if any(SHELVES[other] == SHELVES[item] for other in order)]
            if len(near) / len(with_shelf) < window.confidence - 1e-12:
                continue
            affinity = sum(item in order for order in with_shelf) / len(with_shelf)
            value = affinity * (prices[item] - prices[base]) * weights[item]
            if value > 0:
                found[item] = max(found.get(item, 0.0), value)
    return found


@given(
    ORDERS,
    PRICES,
    WEIGHTS,
    st.builds(
        Window,
        st.sampled_from([0, 0.1, 0.5]),
        st.sampled_from([0.5, 1.0, 9.0]),
        st.sampled_from([0, 0.05, 0.6]),
    ),
)
def test_the_suggestions_are_those_of_a_count_by_hand(
    orders: list[set[int]], prices: list[float], weights: list[float], window: Window
) -> None:
    catalogue = Catalogue(SHELVES, np.array(prices), np.array(weights), 3)
    half = (len(orders) + 1) // 2
    customers = [set().union(*orders[:half]), set().union(*orders[half:])]
    found = suggest(sets(orders), sets(customers), catalogue, window, 3)
    start = 0
    for owned, end in zip(customers, found.ends.tolist(), strict=True):
        wanted = by_hand(orders, owned, prices, weights, window)
        values = found.expected[start:end].tolist()
        items = found.item[start:end].tolist()
        assert values == pytest.approx(sorted(wanted.values(), reverse=True)[:3])
        assert values == pytest.approx([wanted[item] for item in items])
        assert len(set(items)) == len(items)
        for item, base, affinity, value in zip(
            items, found.base[start:end], found.affinity[start:end], values, strict=True
        ):
            assert base in owned
            assert value == pytest.approx(affinity * (prices[item] - prices[base]) * weights[item])
        start = end


def shop(customers: int) -> tuple[Baskets, Baskets, Catalogue]:
    chance = np.random.default_rng(2)
    orders = [set(chance.integers(0, ITEMS, 3).tolist()) for _ in range(customers)]
    catalogue = Catalogue(SHELVES, chance.uniform(5, 50, ITEMS).round(2), np.ones(ITEMS), 3)
    return sets(orders), sets(orders), catalogue


def as_lists(found: Any) -> list[list[float]]:
    return [column.tolist() for column in found]


def test_threads_and_blocks_change_nothing() -> None:
    sold, bought, catalogue = shop(500)
    window = Window(0.1, 1.0, 0.05)
    one, four = (suggest(sold, bought, catalogue, window, 2, threads=threads) for threads in (1, 4))
    assert as_lists(one) == as_lists(four)


def test_ties_go_to_the_item_that_comes_first() -> None:
    sold = sets([{0, 1, 2}])
    catalogue = Catalogue(SHELVES, np.array([10.0, 15, 15, 1, 1, 1, 1, 1]), np.ones(ITEMS), 3)
    assert suggest(sold, sets([{0}]), catalogue, Window(0.1, 1.0, 0.05), 2).item.tolist() == [1, 2]


def test_a_price_at_the_bound_is_within_it() -> None:
    catalogue = Catalogue(SHELVES, np.array([11.0, 12.1, 22.0, 1, 1, 1, 1, 1]), np.ones(ITEMS), 3)
    found = suggest(sets([{0, 1, 2}]), sets([{0}]), catalogue, Window(0.1, 1.0, 0.05), 5)
    assert found.item.tolist() == [2, 1]


def test_more_than_can_be_weighed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sold, bought, catalogue = shop(50)
    window = Window(0.1, 9.0, 0.0)
    monkeypatch.setattr(upsell, "MOST_STEPS", 10)
    with pytest.raises(TooMuch) as steps:
        suggest(sold, bought, catalogue, window, 2)
    monkeypatch.setattr(upsell, "MOST_RULES", 10)
    with pytest.raises(TooMuch) as rules:
        suggest(sold, bought, catalogue, window, 2)
    assert (steps.value.rules, rules.value.rules) == (False, True)
