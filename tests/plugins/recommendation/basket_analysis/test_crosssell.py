"""Confidence and lift."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.recommendation.basket_analysis import crosssell
from plugins.recommendation.basket_analysis.baskets import Baskets, baskets, coded, holders
from plugins.recommendation.basket_analysis.crosssell import Figure, TooLong

ORDERS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=6), min_size=1, max_size=40).filter(any)
FIGURES = st.builds(Figure, st.booleans(), st.booleans())


def counted(orders: list[list[str]]) -> tuple[list[str], Baskets]:
    found = coded(orders)
    names = sorted(found.names)
    ranks = np.array([names.index(name) for name in found.names], np.int32)
    return names, baskets(found.codes, found.ends, ranks, len(names))


def brute_force(orders: list[list[str]], names: list[str], figure: Figure) -> list[list[float]]:
    def share(*wanted: str) -> int:
        return sum(set(wanted) <= set(order) for order in orders)

    def cell(i: str, j: str) -> float:
        if figure.lift:
            return round(share(i, j) * len(orders) / (share(i) * share(j)), 4)
        there, back = share(i, j) / share(i), share(i, j) / share(j)
        return round((there + back) / 2 if figure.symmetric else there, 4)

    return [[cell(i, j) for j in names] for i in names]


def read(pieces: list[memoryview]) -> Any:
    return [element for piece in pieces for element in json.loads(bytes(piece))]


@given(ORDERS, FIGURES)
def test_the_matrix_is_the_brute_force_count(orders: list[list[str]], figure: Figure) -> None:
    names, sets = counted(orders)
    assert read(crosssell.rows(sets, figure)) == brute_force(orders, names, figure)


@given(ORDERS, FIGURES, st.one_of(st.none(), st.integers(1, 3)))
def test_the_pairs_are_the_highest_cells_of_the_matrix(
    orders: list[list[str]], figure: Figure, top_n: int | None
) -> None:
    names, sets = counted(orders)
    found = read(crosssell.pairs(sets, [json.dumps(name).encode() for name in names], figure, top_n, 10**9))
    matrix = brute_force(orders, names, figure)
    lift = brute_force(orders, names, Figure(lift=True))
    confidence = brute_force(orders, names, figure._replace(lift=False))
    for row, i in enumerate(names):
        mine = [pair for pair in found if pair["i"] == i]
        places = [names.index(pair["j"]) for pair in mine]
        others = [value for column, value in enumerate(matrix[row]) if column != row and value > 0]
        assert [matrix[row][place] for place in places] == sorted(others, reverse=True)[:top_n]
        assert [pair["lift"] for pair in mine] == [lift[row][place] for place in places]
        assert [pair["confidence"] for pair in mine] == [confidence[row][place] for place in places]
        together = [sum({i, pair["j"]} <= set(order) for order in orders) for pair in mine]
        assert [pair["support"] for pair in mine] == together
    assert [pair["i"] for pair in found] == sorted(pair["i"] for pair in found)


def test_threads_change_nothing() -> None:
    chance = np.random.default_rng(1)
    orders = [[f"S{code}" for code in chance.integers(0, 700, 4)] for _ in range(2_000)]
    names, sets = counted(orders)
    labels = [json.dumps(name).encode() for name in names]
    for figure in (Figure(), Figure(lift=True)):
        assert crosssell.rows(sets, figure, threads=1) == crosssell.rows(sets, figure, threads=4)
        one, four = (crosssell.pairs(sets, labels, figure, 5, 10**9, threads=threads) for threads in (1, 4))
        assert one == four


def test_one_item_in_every_order_has_a_lift_of_one() -> None:
    _, sets = counted([["a"], ["a", "b"]])
    assert read(crosssell.rows(sets, Figure(lift=True))) == [[1.0, 1.0], [1.0, 2.0]]


def test_pairs_beyond_the_limit_are_refused_before_they_are_written() -> None:
    names, sets = counted([[f"S{number}" for number in range(100)]])
    labels = [json.dumps(name).encode() for name in names]
    with pytest.raises(TooLong, match="9900 pairs are too many"):
        crosssell.pairs(sets, labels, Figure(), None, 100_000)
    assert len(read(crosssell.pairs(sets, labels, Figure(), 3, 100_000))) == 300


def test_counts_are_those_of_the_orders() -> None:
    _, sets = counted([["a", "b"], ["b", "c"], ["b"]])
    table = np.zeros((3, 3), np.int64)
    for i in range(3):
        crosssell.count(i, sets, holders(sets), table[i])
    assert table.tolist() == [[1, 1, 0], [1, 3, 1], [0, 1, 1]]
