"""Which dearer item should a customer be offered? Ranked by expected incremental revenue.

For an item b of category g that a customer bought, and a dearer item c of category h:

    confidence(g → h) = orders with g and h / orders with g (1 if h is g)
    affinity(b → c)   = orders with g and c / orders with g
    expected          = affinity × (price of c − price of b), × margin of c if it is given

Affinity is the confidence (Agrawal, Imieliński & Swami 1993) of a rule from a category to an item. A rule
from item to item would not do: customers buy the dearer item instead of b, so the two seldom share an order,
and single items are too rare to count.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.basket_analysis.baskets import Baskets, Holders, baskets, holders
from plugins.recommendation.basket_analysis.crosssell import count

Bools = NDArray[np.bool_]
Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_RULES = 20_000_000
"""Pairs of an item and a category, or of an item and a bought one; they take about 400 MB."""
MOST_STEPS = 2_000_000_000
"""Comparisons of an item with a dearer one; they take about 20 s."""
_NEAR = 1e-9
"""A price at the edge of the window is inside, despite rounding."""
_BLOCKS = 32


class Catalogue(NamedTuple):
    """Items, numbered in the order that breaks ties.

    Attributes:
        category: (items,) number of the category.
        price: (items,) in currency, 0 or more.
        weight: (items,) margin as a fraction of the price; 1 if it is not given.
        categories: how many categories there are.
    """

    category: Codes
    price: Floats
    weight: Floats
    categories: int


class Window(NamedTuple):
    """How much dearer a suggestion may be, as fractions (both ends included), and the least confidence."""

    low: float
    high: float
    confidence: float


class Suggestions(NamedTuple):
    """The suggestions for each customer, highest expected revenue first.

    Attributes:
        ends: (customers,) number of suggestions up to and including each customer.
        item, base: the suggested item, and the bought item that it is compared with.
        affinity, confidence, expected: as defined above.
    """

    ends: Ints
    item: Codes
    base: Codes
    affinity: Floats
    confidence: Floats
    expected: Floats


class TooMuch(ValueError):
    """There are more combinations than can be compared in time.

    Attributes:
        rules: whether too many items are bought with each category; else too many items are dearer.
    """

    def __init__(self, rules: bool) -> None:
        super().__init__("too many combinations")
        self.rules = rules


class _Counted(NamedTuple):
    """What rules are counted from.

    Attributes:
        items: the items of each order.
        shelves: the categories of each order.
        held: the orders that hold each category.
        category: (items,) number of each item's category.
        by_price: (items,) the items, cheapest first.
        wanted: (categories,) whether a customer bought from it.
        confidence: the least confidence of a rule.
    """

    items: Baskets
    shelves: Baskets
    held: Holders
    category: Codes
    by_price: Codes
    wanted: Bools
    confidence: float


class _Rules(NamedTuple):
    """By category, the items that may follow it, cheapest first.

    Attributes:
        starts: (categories + 1,) where the rules of each category start.
        item, price, affinity, confidence: (rules,) of each rule.
    """

    starts: Ints
    item: Codes
    price: Floats
    affinity: Floats
    confidence: Floats


class _Ranked(NamedTuple):
    """By bought item, the rules with the highest expectation, best first.

    Attributes:
        starts: (items + 1,) where the rules of each bought item start.
        rule: number of the rule; -1 after the last one.
        expected: its expectation.
    """

    starts: Ints
    rule: Codes
    expected: Floats


class _List(NamedTuple):
    """A customer's suggestions, best first: rule, bought item and expectation of each."""

    rule: Ints
    base: Codes
    expected: Floats


def suggest(
    sold: Baskets, bought: Baskets, catalogue: Catalogue, window: Window, top_k: int, threads: int = 2
) -> Suggestions:
    """The best suggestions for each customer.

    A customer gets items that they have not bought, each once, with the bought item that gives the highest
    expectation. An item with an expectation of 0 is not suggested.

    Args:
        sold: the items of each order.
        bought: the items of each customer.
        catalogue: the items.
        window: which items may be suggested.
        top_k: the most suggestions per customer.
        threads: customers at a time; changes only the time.

    Raises:
        TooMuch: it would take too long.
    """
    window = Window(*map(float, window))  # numba would compile again for other types
    rules = _rules(sold, bought, catalogue, window)
    bases = np.flatnonzero((bought.support > 0) & (catalogue.price > 0))
    first, last = _ladders(bases, catalogue, rules, window)
    # Of the rules of one bought item, a customer gets at most the best top_k + (items owned): each better one
    # is either suggested, too, or owned.
    most_owned = int(np.diff(bought.ends, prepend=0).max(initial=0))
    room = np.clip(last - first, 0, top_k + most_owned)
    if int((last - first).clip(0).sum()) > MOST_STEPS or int(room.sum()) > MOST_RULES:
        raise TooMuch(rules=False)
    starts = np.zeros(len(room) + 1, np.int64)
    np.cumsum(room, out=starts[1:])
    ranked = _Ranked(starts, np.full(starts[-1], -1, np.int32), np.empty(starts[-1]))
    for base in bases.tolist():
        _rank(base, slice(first[base], last[base]), catalogue, rules, ranked)
    customers = bought.ends.size
    step = -(-customers // _BLOCKS)

    def block(start: int) -> tuple[Ints, _List]:
        return _best(start, min(start + step, customers), bought, rules, ranked, top_k)

    with ThreadPoolExecutor(threads) as pool:
        blocks = list(pool.map(block, range(0, customers, step)))
    sizes = np.concatenate([sizes for sizes, _ in blocks])
    best = _List(*(np.concatenate(column) for column in zip(*(part for _, part in blocks), strict=True)))
    return Suggestions(
        ends=np.cumsum(sizes),
        item=rules.item[best.rule],
        base=best.base,
        affinity=rules.affinity[best.rule],
        confidence=rules.confidence[best.rule],
        expected=best.expected,
    )


def _rules(sold: Baskets, bought: Baskets, catalogue: Catalogue, window: Window) -> _Rules:
    """The rules of the categories that customers bought from."""
    wanted = np.zeros(catalogue.categories, np.bool_)
    wanted[catalogue.category[np.flatnonzero(bought.support)]] = True
    shelves = baskets(sold.things, sold.ends, catalogue.category, catalogue.categories)
    counted = _Counted(
        items=sold,
        shelves=shelves,
        held=holders(shelves),
        category=catalogue.category,
        by_price=np.argsort(catalogue.price, kind="stable").astype(np.int32),
        wanted=wanted,
        confidence=window.confidence,
    )
    # Two passes: the first one counts, so that a catalogue with too many rules is refused before it needs
    # memory.
    sizes = _rule_counts(counted, MOST_RULES)
    if sizes.sum() > MOST_RULES:
        raise TooMuch(rules=True)
    starts = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=starts[1:])
    item = np.empty(starts[-1], np.int32)
    rules = _Rules(starts, item, np.empty(item.size), np.empty(item.size), np.empty(item.size))
    _fill(counted, rules)
    return rules._replace(price=catalogue.price[item])


@njit(cache=True, nogil=True)
def _together(g: int, counted: _Counted) -> tuple[Ints, Ints]:
    """Orders that hold category g and each item, and category g and each category."""
    with_item = np.zeros(counted.category.size, np.int64)
    with_shelf = np.zeros(counted.wanted.size, np.int64)
    count(g, counted.items, counted.held, with_item)
    count(g, counted.shelves, counted.held, with_shelf)
    return with_item, with_shelf


@njit(cache=True, nogil=True)
def _follows(g: int, c: int, with_item: Ints, with_shelf: Ints, counted: _Counted) -> bool:
    """Whether item c was bought with category g, and its category often enough."""
    confidence = with_shelf[counted.category[c]] / counted.shelves.support[g]
    return bool(with_item[c] > 0 and confidence >= counted.confidence - 1e-12)


@njit(cache=True, nogil=True)
def _rule_counts(counted: _Counted, most: int) -> Ints:
    """(categories,) how many items follow each category; stops when there are too many."""
    sizes = np.zeros(counted.wanted.size, np.int64)
    total = 0
    for g in range(counted.wanted.size):
        if not counted.wanted[g] or total > most:
            continue
        with_item, with_shelf = _together(g, counted)
        for c in counted.by_price:
            sizes[g] += _follows(g, c, with_item, with_shelf, counted)
        total += sizes[g]
    return sizes


@njit(cache=True, nogil=True)
def _fill(counted: _Counted, rules: _Rules) -> None:
    """Writes items, affinities and confidences of the rules."""
    for g in range(counted.wanted.size):
        if not counted.wanted[g]:
            continue
        with_item, with_shelf = _together(g, counted)
        rule = rules.starts[g]
        for c in counted.by_price:
            if _follows(g, c, with_item, with_shelf, counted):
                rules.item[rule] = c
                rules.affinity[rule] = with_item[c] / counted.shelves.support[g]
                rules.confidence[rule] = with_shelf[counted.category[c]] / counted.shelves.support[g]
                rule += 1


def _ladders(bases: Ints, catalogue: Catalogue, rules: _Rules, window: Window) -> tuple[Ints, Ints]:
    """(items,) the first rule of each bought item within the window, and the one after the last."""
    price = catalogue.price
    first, last = np.zeros(len(price), np.int64), np.zeros(len(price), np.int64)
    for base in bases.tolist():
        start, end = rules.starts[catalogue.category[base]], rules.starts[catalogue.category[base] + 1]
        ladder = rules.price[start:end]
        lowest = max(price[base] * (1 + window.low - _NEAR), np.nextafter(price[base], np.inf))
        highest = price[base] * (1 + window.high + _NEAR)
        first[base] = start + np.searchsorted(ladder, lowest)
        last[base] = start + np.searchsorted(ladder, highest, side="right")
    return first, last


def _rank(base: int, ladder: slice, catalogue: Catalogue, rules: _Rules, ranked: _Ranked) -> None:
    """Writes the rules of a bought item by expectation, then by item; as many as have room."""
    start, room = int(ranked.starts[base]), int(ranked.starts[base + 1] - ranked.starts[base])
    if room == 0:
        return
    item = rules.item[ladder]
    # From left to right, as the formula is read: another order would round differently.
    expected = rules.affinity[ladder] * (rules.price[ladder] - catalogue.price[base]) * catalogue.weight[item]
    least = np.partition(expected, len(expected) - room)[len(expected) - room]
    kept = np.flatnonzero((expected >= least) & (expected > 0))
    kept = kept[np.lexsort((item[kept], -expected[kept]))][:room]
    ranked.rule[start : start + len(kept)] = ladder.start + kept
    ranked.expected[start : start + len(kept)] = expected[kept]


@njit(cache=True, nogil=True)
def _best(
    start: int, end: int, bought: Baskets, rules: _Rules, ranked: _Ranked, top_k: int
) -> tuple[Ints, _List]:
    """How many suggestions each customer from start to end gets, and all of these."""
    items = ranked.starts.size - 1
    # The last customer that owns, or was suggested, each item: no array has to be cleared between customers.
    owner, listed = np.full(items, -1, np.int64), np.full(items, -1, np.int64)
    best = _List(np.empty(top_k, np.int64), np.empty(top_k, np.int32), np.empty(top_k))
    every = _List(np.empty(1024, np.int64), np.empty(1024, np.int32), np.empty(1024))
    sizes = np.zeros(end - start, np.int64)
    total = 0
    for customer in range(start, end):
        line = bought.ends[customer - 1] if customer > 0 else 0
        own = np.sort(bought.things[line : bought.ends[customer]])
        owner[own] = customer
        size = 0
        for base in own:
            for k in range(ranked.starts[base], ranked.starts[base + 1]):
                rule, expected = ranked.rule[k], ranked.expected[k]
                if rule < 0:
                    break
                item = rules.item[rule]
                # The rules of a base come best first: once one is worse than a full list, all others are.
                if size == top_k and not _before(expected, item, size - 1, best, rules):
                    break
                if owner[item] != customer:
                    size = _insert(rule, base, expected, size, listed[item] == customer, best, rules)
                    listed[item] = customer
        while total + size > every.rule.size:
            every = _List(_doubled(every.rule), _doubled(every.base), _doubled(every.expected))
        every.rule[total : total + size] = best.rule[:size]
        every.base[total : total + size] = best.base[:size]
        every.expected[total : total + size] = best.expected[:size]
        total += size
        sizes[customer - start] = size
    return sizes, _List(every.rule[:total].copy(), every.base[:total].copy(), every.expected[:total].copy())


@njit(cache=True, nogil=True)
def _insert(
    rule: int, base: int, expected: float, size: int, listed: bool, best: _List, rules: _Rules
) -> int:
    """Inserts a suggestion into a customer's list, and gives the new size. A full list loses its last one.

    Args:
        listed: whether the item is in the list, or was and dropped out of it. It is then kept once, with the
            higher expectation; one that dropped out can come back only with a higher one.
    """
    item = rules.item[rule]
    at = size
    if listed:
        at = 0
        while at < size and rules.item[best.rule[at]] != item:
            at += 1
        if at < size and expected <= best.expected[at]:
            return size
    at = min(at, best.rule.size - 1)
    grown = max(size, at + 1)
    while at > 0 and _before(expected, item, at - 1, best, rules):
        best.rule[at], best.base[at], best.expected[at] = (
            best.rule[at - 1],
            best.base[at - 1],
            best.expected[at - 1],
        )
        at -= 1
    best.rule[at], best.base[at], best.expected[at] = rule, base, expected
    return grown


@njit(cache=True, nogil=True)
def _before(expected: float, item: int, other: int, best: _List, rules: _Rules) -> bool:
    """Whether a suggestion ranks before another one of the list: by expectation, then by item."""
    if expected != best.expected[other]:
        return bool(expected > best.expected[other])
    return bool(item < rules.item[best.rule[other]])


@njit(cache=True, nogil=True)
def _doubled(values: Any) -> Any:
    return np.concatenate((values, np.empty_like(values)))


def warm() -> None:
    """Compiles what a first request would otherwise wait for."""
    things = np.array([0, 1], np.int32)
    sets = baskets(things, np.array([1, 2]), things, 2)
    shelf = Catalogue(np.zeros(2, np.int32), np.array([1.0, 2.0]), np.ones(2), 1)
    suggest(sets, sets, shelf, Window(0.1, 1.0, 0.05), 1)
