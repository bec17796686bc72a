"""How often is j bought with i? Confidence and lift (Agrawal, Imieliński & Swami 1993; Brin et al. 1997), as
arrays and as JSON.

    confidence(i → j) = orders with i and j / orders with i
    lift(i → j) = confidence(i → j) / share of orders with j

The rows are counted one at a time (Gustavson 1978) and written as text at once: neither the counts nor the
figures of a whole matrix are ever held.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation import decimals
from plugins.recommendation.baskets import Baskets, Holders, baskets, holders

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
T = TypeVar("T")

_PIECE = 1 << 20
"""Bytes of text that are written at a time."""
_PIECES = 64
"""Pieces that pairs are written in, at most and about."""
_THREADS = 2


class Figure(NamedTuple):
    """What a cell holds: confidence or lift, of one direction or the mean of both."""

    lift: bool = False
    symmetric: bool = False


class TooLong(ValueError):
    """More text than allowed.

    Attributes:
        pairs: how many pairs there are.
    """

    def __init__(self, pairs: int) -> None:
        super().__init__(f"{pairs} pairs are too many")
        self.pairs = pairs


@njit(cache=True, nogil=True)
def count(i: int, sets: Baskets, held: Holders, counts: Ints) -> None:
    """Adds to `counts` (n,) how many orders hold i and each thing."""
    for place in range(held.starts[i], held.starts[i + 1]):
        order = held.orders[place]
        for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
            counts[sets.things[line]] += 1


@njit(cache=True, nogil=True)
def _lift(both: int, one: int, other: int, orders: int) -> float:
    """By one division of whole numbers, so that it is the same from either side."""
    return (float(both) * orders) / (float(one) * other)


@njit(cache=True, nogil=True)
def _figure(both: int, one: int, other: int, orders: int, lift: bool, symmetric: bool) -> float:
    if lift:
        return _lift(both, one, other, orders)
    if symmetric:
        return (both / one + both / other) / 2
    return both / one


def counts(sets: Baskets) -> Ints:
    """(n, n) orders that hold both things."""
    return _counts(sets, holders(sets))


@njit(cache=True, nogil=True)
def _counts(sets: Baskets, held: Holders) -> Ints:
    table = np.zeros((sets.support.size, sets.support.size), np.int64)
    for i in range(sets.support.size):
        count(i, sets, held, table[i])
    return table


def rows(sets: Baskets, figure: Figure, threads: int = _THREADS) -> list[memoryview]:
    """The matrix as JSON text, cells rounded to four decimals: pieces that are arrays of some rows each.

    Args:
        sets: the orders; every thing is in one at least.
        figure: what a cell holds.
        threads: pieces at once; changes nothing but the time.
    """
    held, n, orders = holders(sets), sets.support.size, sets.ends.size
    widest = (len(str(orders)) if figure.lift else 1) + decimals.PLACES + 2
    step = max(1, _PIECE // (n * widest))

    def piece(first: int) -> memoryview:
        last = min(first + step, n)
        out = np.empty((last - first) * (n * widest + 2) + 2, np.uint8)
        return out[: _rows(first, last, sets, held, figure.lift, figure.symmetric, out)].data

    return _spread(piece, range(0, n, step), threads)


@njit(cache=True, nogil=True)
def _rows(
    first: int, last: int, sets: Baskets, held: Holders, lift: bool, symmetric: bool, out: Bytes
) -> int:
    n, orders, support = sets.support.size, sets.ends.size, sets.support
    both = np.empty(n, np.int64)
    out[0] = 91
    at = 1
    for i in range(first, last):
        both[:] = 0
        count(i, sets, held, both)
        out[at] = 91
        at += 1
        for j in range(n):
            if both[j] == 0:  # most cells: 0.0
                out[at], out[at + 1], out[at + 2] = 48, 46, 48
                at += 3
            else:
                value = _figure(both[j], support[i], support[j], orders, lift, symmetric)
                at = decimals.write(value, out, at)
            out[at] = 44
            at += 1
        out[at - 1], out[at] = 93, 44
        at += 1
    out[at - 1] = 93
    return at


def pairs(
    sets: Baskets,
    labels: list[bytes],
    figure: Figure,
    top_n: int | None,
    limit: int,
    threads: int = _THREADS,
) -> list[memoryview]:
    """The pairs that were bought together, as JSON objects: pieces that are arrays of some pairs each.

    In the order of i, then by the figure, highest first, then in the order of j. `support` is the number of
    orders with both; `confidence` is the mean of both directions where the figure is symmetric.

    Args:
        sets: the orders.
        labels: (n,) each thing's name as JSON.
        figure: what pairs are ranked by.
        top_n: the most pairs per i; all if None.
        limit: the most bytes.
        threads: pieces at once; changes nothing but the time.

    Raises:
        TooLong: the pairs could take more bytes than `limit`.
    """
    held, n = holders(sets), sets.support.size
    text = np.frombuffer(b"".join(labels), np.uint8)
    starts = np.zeros(n + 1, np.int64)
    np.cumsum([len(label) for label in labels], out=starts[1:])
    wanted = n if top_n is None else top_n
    step = -(-n // _PIECES)
    firsts = range(0, n, step)

    def sized(first: int) -> tuple[int, int]:
        found, room = _sizes(first, min(first + step, n), sets, held, starts, wanted)
        return int(found), int(room)

    sizes = _spread(sized, firsts, threads)
    if sum(room for _, room in sizes) > limit:
        raise TooLong(sum(found for found, _ in sizes))
    rooms = dict(zip(firsts, (room for _, room in sizes), strict=True))

    def piece(first: int) -> memoryview:
        out = np.empty(rooms[first] + 2, np.uint8)
        last = min(first + step, n)
        end = _pairs(
            first, last, sets, held, text, starts, figure.lift, figure.symmetric, wanted, _KEYS, _PLACES, out
        )
        return out[:end].data

    return _spread(piece, firsts, threads)


_PARTS = (b'{"i":', b',"j":', b',"support":', b',"confidence":', b',"lift":', b"},")
_KEYS = np.frombuffer(b"".join(_PARTS), np.uint8)
_PLACES = np.cumsum([0, *(len(part) for part in _PARTS)])
_FIXED = int(_PLACES[-1]) + 20 + decimals.LONGEST + 6
"""Bytes of a pair without its two names, at most."""


@njit(cache=True, nogil=True)
def _sizes(first: int, last: int, sets: Baskets, held: Holders, starts: Ints, wanted: int) -> tuple[int, int]:
    """How many pairs the things from first to last have, and how many bytes these take at most."""
    both = np.zeros(sets.support.size, np.int64)
    found = room = 0
    for i in range(first, last):
        own = longest = total = 0
        for place in range(held.starts[i], held.starts[i + 1]):
            order = held.orders[place]
            for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
                j = sets.things[line]
                if both[j] != i + 1 and j != i:
                    both[j] = i + 1
                    size = starts[j + 1] - starts[j]
                    own += 1
                    total += size
                    longest = max(longest, size)
        kept = min(own, wanted)
        found += kept
        room += kept * (_FIXED + starts[i + 1] - starts[i]) + min(total, kept * longest)
    return found, room


@njit(cache=True, nogil=True)
def _pairs(
    first: int,
    last: int,
    sets: Baskets,
    held: Holders,
    text: Bytes,
    starts: Ints,
    lift: bool,
    symmetric: bool,
    wanted: int,
    keys: Bytes,
    places: Ints,
    out: Bytes,
) -> int:
    orders, support = sets.ends.size, sets.support
    both = np.zeros(support.size, np.int64)
    touched = np.empty(support.size, np.int64)
    out[0] = 91
    at = 1
    for i in range(first, last):
        found = 0
        for place in range(held.starts[i], held.starts[i + 1]):
            order = held.orders[place]
            for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
                j = sets.things[line]
                if both[j] == 0 and j != i:
                    touched[found] = j
                    found += 1
                both[j] += 1
        others = np.sort(touched[:found])
        values = np.empty(found, np.float64)
        for k in range(found):
            j = others[k]
            values[k] = -_figure(both[j], support[i], support[j], orders, lift, symmetric)
        for k in np.argsort(values, kind="mergesort")[:wanted]:
            j = others[k]
            at = _copied(keys, places[0], places[1], out, at)
            at = _copied(text, starts[i], starts[i + 1], out, at)
            at = _copied(keys, places[1], places[2], out, at)
            at = _copied(text, starts[j], starts[j + 1], out, at)
            at = _copied(keys, places[2], places[3], out, at)
            at = decimals.write_whole(both[j], out, at)
            at = _copied(keys, places[3], places[4], out, at)
            at = decimals.write(_figure(both[j], support[i], support[j], orders, False, symmetric), out, at)
            at = _copied(keys, places[4], places[5], out, at)
            at = decimals.write(_lift(both[j], support[i], support[j], orders), out, at)
            at = _copied(keys, places[5], places[6], out, at)
        both[i] = 0
        both[others] = 0
    last_comma = max(at - 1, 1)
    out[last_comma] = 93
    return last_comma + 1


@njit(cache=True, nogil=True)
def _copied(text: Bytes, start: int, end: int, out: Bytes, at: int) -> int:
    for place in range(start, end):
        out[at + place - start] = text[place]
    return at + end - start


def _spread(work: Callable[[int], T], firsts: range, threads: int) -> list[T]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, firsts))


def warm() -> None:
    """Compiles what a first matrix would otherwise wait for."""
    sets = baskets(np.array([0, 1], np.int32), np.array([2]), np.array([0, 1], np.int32), 2)
    rows(sets, Figure())
    counts(sets)
    pairs(sets, [b'"a"', b'"b"'], Figure(), None, 10**6)
