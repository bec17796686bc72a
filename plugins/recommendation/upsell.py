"""Which dearer item next, and what would it bring? Ranked by expected incremental revenue.

For an item b that a customer bought, of category g, and an item c that is dearer by a share within bounds:

    confidence(g → h) = orders with g and h / orders with g, where h is the category of c; 1 where h is g
    affinity(b → c)   = orders with g and c / orders with g
    expected          = affinity × (price of c − price of b), × margin of c where it is given

Affinity is the confidence (Agrawal, Imieliński & Swami 1993) of a rule from a category to an item: a dearer
item of the same category takes the place of b, so that the two seldom share an order, and single items are
too rare to count on.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.baskets import Baskets, Holders, baskets, holders
from plugins.recommendation.crosssell import count

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_RULES = 20_000_000
"""Pairs of a category or a base and an item; some 400 MB."""
MOST_STEPS = 2_000_000_000
"""Comparisons of an item with a dearer one; some twenty seconds."""
_NEAR = 1e-9
_BLOCKS = 32


class Catalogue(NamedTuple):
    """Items, numbered in the order that breaks ties.

    Attributes:
        category: (items,) number of the category.
        price: (items,) in currency, 0 or more.
        weight: (items,) margin as a fraction of the price, 1 where it is not given.
        categories: how many there are.
    """

    category: Codes
    price: Floats
    weight: Floats
    categories: int


class Window(NamedTuple):
    """How much dearer a suggestion may be, as fractions, both included, and the least confidence."""

    low: float
    high: float
    confidence: float


class Suggestions(NamedTuple):
    """The best of each customer, highest expected first.

    Attributes:
        ends: (customers,) suggestions up to and including each customer.
        item, base: the suggested item, and the bought one that it is compared with.
        affinity, confidence, expected: as in the module's text.
    """

    ends: Ints
    item: Codes
    base: Codes
    affinity: Floats
    confidence: Floats
    expected: Floats


class _Ranked(NamedTuple):
    """By base, the rules that bring most, best first; -1 where there are no more."""

    starts: Ints
    rule: Codes
    expected: Floats


class TooMuch(ValueError):
    """More combinations than can be weighed in time.

    Attributes:
        rules: whether it is the categories that have too many items bought with them.
    """

    def __init__(self, rules: bool) -> None:
        super().__init__("too many combinations")
        self.rules = rules


class _Rules(NamedTuple):
    """By category, the items that may follow it, cheapest first."""

    starts: Ints
    item: Codes
    price: Floats
    affinity: Floats
    confidence: Floats


def suggest(
    sold: Baskets, bought: Baskets, catalogue: Catalogue, window: Window, top_k: int, threads: int = 2
) -> Suggestions:
    """The best suggestions for each customer: items that they have not bought, each once, with the base that
    gives the highest expectation. Nothing is suggested that is expected to bring nothing.

    Args:
        sold: the items of every order.
        bought: the items of every customer to suggest for.
        catalogue: the items.
        window: which items may be suggested.
        top_k: the most per customer.
        threads: customers at once; changes nothing but the time.

    Raises:
        TooMuch: it would take too long.
    """
    window = Window(*map(float, window))  # other types would be compiled anew
    rules = _rules(sold, bought, catalogue, window)
    price = catalogue.price
    bases = np.flatnonzero((bought.support > 0) & (price > 0))
    first, last = np.zeros(len(price), np.int64), np.zeros(len(price), np.int64)
    for base in bases.tolist():
        start, end = rules.starts[catalogue.category[base]], rules.starts[catalogue.category[base] + 1]
        ladder = rules.price[start:end]
        dearer = max(price[base] * (1 + window.low - _NEAR), np.nextafter(price[base], np.inf))
        first[base] = start + np.searchsorted(ladder, dearer)
        last[base] = start + np.searchsorted(ladder, price[base] * (1 + window.high + _NEAR), side="right")
    # What a customer gets of a base is among so many of its best: what is above it is owned, or got as well.
    most_owned = int(np.diff(bought.ends, prepend=0).max(initial=0))
    room = np.clip(last - first, 0, top_k + most_owned)
    if int((last - first).clip(0).sum()) > MOST_STEPS or int(room.sum()) > MOST_RULES:
        raise TooMuch(rules=False)
    starts = np.zeros(len(price) + 1, np.int64)
    np.cumsum(room, out=starts[1:])
    ranked = _Ranked(starts, np.full(starts[-1], -1, np.int32), np.empty(starts[-1]))
    _rank(bases, catalogue, rules, first, last, ranked)
    customers = bought.ends.size
    step = -(-customers // _BLOCKS)

    def block(start: int) -> tuple[Ints, Codes, Codes, Floats, Floats, Floats]:
        return _best(start, min(start + step, customers), bought, len(price), rules, ranked, top_k)

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, range(0, customers, step)))
    sizes, item, compared, affinity, confidence, expected = (
        np.concatenate(column) for column in zip(*blocks, strict=True)
    )
    return Suggestions(np.cumsum(sizes), item, compared, affinity, confidence, expected)


def _rules(sold: Baskets, bought: Baskets, catalogue: Catalogue, window: Window) -> _Rules:
    """Of the categories that the customers bought from."""
    category, n = catalogue.category, catalogue.categories
    shelves = baskets(sold.things, sold.ends, category, n)
    wanted = np.zeros(n, np.bool_)
    wanted[category[np.flatnonzero(bought.support)]] = True
    by_price = np.argsort(catalogue.price, kind="stable").astype(np.int32)
    held = holders(shelves)
    sizes = _followers(sold, shelves, held, category, by_price, wanted, window.confidence, MOST_RULES)
    if sizes.sum() > MOST_RULES:
        raise TooMuch(rules=True)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    item = np.empty(starts[-1], np.int32)
    affinity, confidence = np.empty(item.size), np.empty(item.size)
    _fill(
        sold, shelves, held, category, by_price, wanted, window.confidence, starts, item, affinity, confidence
    )
    return _Rules(starts, item, catalogue.price[item], affinity, confidence)


@njit(cache=True, nogil=True)
def _follows(
    g: int, c: int, with_item: Ints, with_shelf: Ints, shelves: Baskets, category: Codes, least: float
) -> bool:
    """Whether an item was bought with a category, and its category often enough."""
    return bool(with_item[c] > 0 and with_shelf[category[c]] / shelves.support[g] >= least - 1e-12)


@njit(cache=True, nogil=True)
def _followers(
    sold: Baskets,
    shelves: Baskets,
    held: Holders,
    category: Codes,
    by_price: Codes,
    wanted: NDArray[np.bool_],
    least: float,
    most: int,
) -> Ints:
    """How many items follow each category; stops counting past the most."""
    sizes = np.zeros(wanted.size, np.int64)
    total = 0
    for g in range(wanted.size):
        if not wanted[g] or total > most:
            continue
        with_item, with_shelf = np.zeros(category.size, np.int64), np.zeros(wanted.size, np.int64)
        count(g, sold, held, with_item)
        count(g, shelves, held, with_shelf)
        for c in by_price:
            sizes[g] += _follows(g, c, with_item, with_shelf, shelves, category, least)
        total += sizes[g]
    return sizes


@njit(cache=True, nogil=True)
def _fill(
    sold: Baskets,
    shelves: Baskets,
    held: Holders,
    category: Codes,
    by_price: Codes,
    wanted: NDArray[np.bool_],
    least: float,
    starts: Ints,
    item: Codes,
    affinity: Floats,
    confidence: Floats,
) -> None:
    for g in range(wanted.size):
        if not wanted[g]:
            continue
        with_item, with_shelf = np.zeros(category.size, np.int64), np.zeros(wanted.size, np.int64)
        count(g, sold, held, with_item)
        count(g, shelves, held, with_shelf)
        place = starts[g]
        for c in by_price:
            if _follows(g, c, with_item, with_shelf, shelves, category, least):
                item[place] = c
                affinity[place] = with_item[c] / shelves.support[g]
                confidence[place] = with_shelf[category[c]] / shelves.support[g]
                place += 1


def _rank(bases: Ints, catalogue: Catalogue, rules: _Rules, first: Ints, last: Ints, ranked: _Ranked) -> None:
    """The rules of each base by expectation, highest first, then by item; as many as there is room for."""
    weight = catalogue.weight[rules.item]
    for base in bases.tolist():
        place, room = int(ranked.starts[base]), int(ranked.starts[base + 1] - ranked.starts[base])
        if room == 0:
            continue
        window = slice(first[base], last[base])
        # From left to right, as a reader of the formula multiplies.
        values = rules.affinity[window] * (rules.price[window] - catalogue.price[base]) * weight[window]
        least = np.partition(values, len(values) - room)[len(values) - room]
        kept = np.flatnonzero((values >= least) & (values > 0))
        kept = kept[np.lexsort((rules.item[window][kept], -values[kept]))][:room]
        ranked.rule[place : place + len(kept)] = first[base] + kept
        ranked.expected[place : place + len(kept)] = values[kept]


@njit(cache=True, nogil=True)
def _best(
    start: int, end: int, bought: Baskets, items: int, rules: _Rules, ranked: _Ranked, top_k: int
) -> tuple[Ints, Codes, Codes, Floats, Floats, Floats]:
    """The best of the customers from start to end, merged from those of the bases."""
    owner, listed = np.full(items, -1, np.int64), np.full(items, -1, np.int64)
    rule, base, value = np.empty(top_k, np.int64), np.empty(top_k, np.int32), np.empty(top_k)
    sizes = np.zeros(end - start, np.int64)
    kept_rule, kept_base, kept_value = np.empty(1024, np.int64), np.empty(1024, np.int32), np.empty(1024)
    total = 0
    for customer in range(start, end):
        line = bought.ends[customer - 1] if customer > 0 else 0
        own = np.sort(bought.things[line : bought.ends[customer]])
        owner[own] = customer
        size = 0
        for b in own:
            for place in range(ranked.starts[b], ranked.starts[b + 1]):
                r, expected = ranked.rule[place], ranked.expected[place]
                if r < 0:
                    break
                c = rules.item[r]
                if size == top_k and not _before(expected, c, value[size - 1], rules.item[rule[size - 1]]):
                    break
                if owner[c] == customer:
                    continue
                if listed[c] == customer:
                    at = 0
                    while at < size and rules.item[rule[at]] != c:
                        at += 1
                    if at < size and expected <= value[at]:
                        continue
                    # one that fell out of the list can come back only with more
                    at = min(at, size - 1) if size == top_k or at < size else size
                else:
                    at = size - 1 if size == top_k else size
                if at == size:
                    size += 1
                listed[c] = customer
                while at > 0 and _before(expected, c, value[at - 1], rules.item[rule[at - 1]]):
                    rule[at], base[at], value[at] = rule[at - 1], base[at - 1], value[at - 1]
                    at -= 1
                rule[at], base[at], value[at] = r, b, expected
        while total + size > kept_rule.size:
            kept_rule = np.concatenate((kept_rule, np.empty_like(kept_rule)))
            kept_base = np.concatenate((kept_base, np.empty_like(kept_base)))
            kept_value = np.concatenate((kept_value, np.empty_like(kept_value)))
        kept_rule[total : total + size] = rule[:size]
        kept_base[total : total + size] = base[:size]
        kept_value[total : total + size] = value[:size]
        total += size
        sizes[customer - start] = size
    chosen = kept_rule[:total]
    return (
        sizes,
        rules.item[chosen],
        kept_base[:total].copy(),
        rules.affinity[chosen],
        rules.confidence[chosen],
        kept_value[:total].copy(),
    )


@njit(cache=True, nogil=True)
def _before(value: float, item: int, other_value: float, other_item: int) -> bool:
    return bool(value > other_value or (value == other_value and item < other_item))


def warm() -> None:
    """Compiles what a first call would otherwise wait for."""
    things = np.array([0, 1], np.int32)
    sets = baskets(things, np.array([1, 2]), things, 2)
    shelf = Catalogue(np.zeros(2, np.int32), np.array([1.0, 2.0]), np.ones(2), 1)
    suggest(sets, sets, shelf, Window(0.1, 1.0, 0.05), 1)
