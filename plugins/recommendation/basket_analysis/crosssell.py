"""How often is j bought with i? Confidence and lift, as arrays and as JSON text.

    confidence(i → j) = orders with i and j / orders with i      (Agrawal, Imieliński & Swami 1993)
    lift(i → j) = confidence(i → j) / share of orders with j     (Brin, Motwani, Ullman & Tsur 1997)

The rows are counted one at a time (Gustavson 1978) and written as text at once, so the counts and figures of
a whole matrix are never in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from plugins.recommendation.basket_analysis import decimals
from plugins.recommendation.basket_analysis.baskets import Baskets, Holders, baskets, holders

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
T = TypeVar("T")

_PIECE = 1 << 20
"""Bytes of text that are written at a time."""
_PIECES = 64
"""About how many pieces the pairs are written in."""
_THREADS = 2
_OPEN, _CLOSE, _COMMA, _ZERO, _POINT = b"[],0."


class Figure(NamedTuple):
    """What a cell holds: confidence or lift, of one direction or the mean of both."""

    lift: bool = False
    symmetric: bool = False


class TooLong(ValueError):
    """The text would be longer than allowed.

    Attributes:
        pairs: how many pairs there are.
    """

    def __init__(self, pairs: int) -> None:
        super().__init__(f"{pairs} pairs are too many")
        self.pairs = pairs


class _Labels(NamedTuple):
    """The names of things as JSON, joined.

    Attributes:
        text: all names, one after the other.
        starts: (n + 1,) where each name starts.
    """

    text: Bytes
    starts: Ints


@njit(cache=True, nogil=True)
def count(i: int, sets: Baskets, held: Holders, counts: Ints) -> None:
    """Adds to `counts` (n,) how many orders hold i and each thing: row i of BᵀB for B, orders × things."""
    for holder in range(held.starts[i], held.starts[i + 1]):
        order = held.orders[holder]
        for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
            counts[sets.things[line]] += 1


@njit(cache=True, nogil=True)
def _lift(both: int, with_i: int, with_j: int, orders: int) -> float:
    """By one division of whole numbers, so that both directions give the same float."""
    return (float(both) * orders) / (float(with_i) * with_j)


@njit(cache=True, nogil=True)
def _figure(both: int, with_i: int, with_j: int, orders: int, figure: Figure) -> float:
    if figure.lift:
        return _lift(both, with_i, with_j, orders)
    if figure.symmetric:
        return (both / with_i + both / with_j) / 2
    return both / with_i


def rows(sets: Baskets, figure: Figure, threads: int = _THREADS) -> list[memoryview]:
    """The matrix as JSON text with four decimals: pieces that are arrays of some rows each.

    Args:
        sets: the orders; each thing is in at least one of them.
        figure: what a cell holds.
        threads: pieces at a time; changes only the time.

    >>> sets = baskets(np.array([0, 1, 0], np.int32), np.array([2, 3]), np.array([0, 1], np.int32), 2)
    >>> [bytes(piece) for piece in rows(sets, Figure())]
    [b'[[1.0,0.5],[1.0,1.0]]']
    """
    held, n, orders = holders(sets), sets.support.size, sets.ends.size
    widest = (len(str(orders)) if figure.lift else 1) + decimals.PLACES + 2
    step = max(1, _PIECE // (n * widest))

    def piece(first: int) -> memoryview:
        last = min(first + step, n)
        out = np.empty((last - first) * (n * widest + 2) + 2, np.uint8)
        return out[: _rows(first, last, sets, held, figure, out)].data

    return _in_threads(piece, range(0, n, step), threads)


@njit(cache=True, nogil=True)
def _rows(first: int, last: int, sets: Baskets, held: Holders, figure: Figure, out: Bytes) -> int:
    """Writes the rows from first to last, and gives the length of the text."""
    n, orders, support = sets.support.size, sets.ends.size, sets.support
    both = np.empty(n, np.int64)
    out[0] = _OPEN
    at = 1
    for i in range(first, last):
        both[:] = 0
        count(i, sets, held, both)
        out[at] = _OPEN
        at += 1
        for j in range(n):
            if both[j] == 0:  # most cells: 0.0
                out[at], out[at + 1], out[at + 2] = _ZERO, _POINT, _ZERO
                at += 3
            else:
                at = decimals.write(_figure(both[j], support[i], support[j], orders, figure), out, at)
            out[at] = _COMMA
            at += 1
        # The last comma of a row becomes its bracket.
        out[at - 1], out[at] = _CLOSE, _COMMA
        at += 1
    out[at - 1] = _CLOSE
    return at


def pairs(
    sets: Baskets,
    names: Sequence[bytes],
    figure: Figure,
    top_n: int | None,
    limit: int,
    threads: int = _THREADS,
) -> list[memoryview]:
    """The pairs that were bought together, as JSON objects: pieces that are arrays of some pairs each.

    They are in the order of i, then by the figure, highest first, then in the order of j. `support` is the
    number of orders with both; `rare` marks a pair of a single order. If the figure is symmetric,
    `confidence` is the mean of both directions.

    Args:
        sets: the orders.
        names: (n,) each thing's name as JSON.
        figure: what the pairs are ranked by.
        top_n: the most pairs per i; all if None.
        limit: the most bytes.
        threads: pieces at a time; changes only the time.

    Raises:
        TooLong: the pairs could take more bytes than `limit`.
    """
    held, n = holders(sets), sets.support.size
    starts = np.zeros(n + 1, np.int64)
    np.cumsum([len(name) for name in names], out=starts[1:])
    labels = _Labels(np.frombuffer(b"".join(names), np.uint8), starts)
    most = n if top_n is None else top_n
    step = -(-n // _PIECES)
    firsts = range(0, n, step)

    # Sizes first: a text that is too long is refused before any of it is written.
    def sized(first: int) -> tuple[int, int]:
        number, size = _sizes(first, min(first + step, n), sets, held, starts, most)
        return int(number), int(size)

    sizes = _in_threads(sized, firsts, threads)
    if sum(size for _, size in sizes) > limit:
        raise TooLong(sum(number for number, _ in sizes))
    size_of = dict(zip(firsts, (size for _, size in sizes), strict=True))

    def piece(first: int) -> memoryview:
        out = np.empty(size_of[first] + 2, np.uint8)
        end = _pairs(first, min(first + step, n), sets, held, labels, figure, most, out)
        return out[:end].data

    return _in_threads(piece, firsts, threads)


def rare_pairs(sets: Baskets) -> int:
    """How many pairs of things were bought together in a single order: their figures may be chance.

    >>> lines, same = np.array([0, 1, 0, 1, 2], np.int32), np.arange(3, dtype=np.int32)
    >>> sets = baskets(lines, np.array([2, 5]), same, 3)
    >>> rare_pairs(sets)
    2
    """
    return int(_rare_pairs(sets, holders(sets)))


@njit(cache=True, nogil=True)
def _rare_pairs(sets: Baskets, held: Holders) -> int:
    both = np.zeros(sets.support.size, np.int64)
    touched = np.empty(sets.support.size, np.int64)
    rare = 0
    for i in range(sets.support.size):
        partners = 0
        for holder in range(held.starts[i], held.starts[i + 1]):
            order = held.orders[holder]
            for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
                j = sets.things[line]
                if j > i:  # each pair once
                    if both[j] == 0:
                        touched[partners] = j
                        partners += 1
                    both[j] += 1
        for k in range(partners):
            rare += both[touched[k]] == 1
            both[touched[k]] = 0
    return rare


_PARTS = (b'{"i":', b',"j":', b',"support":', b',"confidence":', b',"lift":', b"},", b',"rare":true')
_KEYS = np.frombuffer(b"".join(_PARTS), np.uint8)
_KEY_STARTS = np.cumsum([0, *(len(part) for part in _PARTS)])
_FIXED = int(_KEY_STARTS[-1]) + 20 + decimals.LONGEST + 6
"""The most bytes of a pair without its two names."""


@njit(cache=True, nogil=True)
def _sizes(first: int, last: int, sets: Baskets, held: Holders, starts: Ints, most: int) -> tuple[int, int]:
    """How many pairs the things from first to last have, and the most bytes that these take."""
    marked = np.zeros(sets.support.size, np.int64)  # i + 1 for the things that are bought with i
    number = size = 0
    for i in range(first, last):
        partners = longest = total = 0
        for holder in range(held.starts[i], held.starts[i + 1]):
            order = held.orders[holder]
            for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
                j = sets.things[line]
                if marked[j] != i + 1 and j != i:
                    marked[j] = i + 1
                    length = starts[j + 1] - starts[j]
                    partners += 1
                    total += length
                    longest = max(longest, length)
        kept = min(partners, most)
        number += kept
        size += kept * (_FIXED + starts[i + 1] - starts[i]) + min(total, kept * longest)
    return number, size


@njit(cache=True, nogil=True)
def _pairs(
    first: int,
    last: int,
    sets: Baskets,
    held: Holders,
    labels: _Labels,
    figure: Figure,
    most: int,
    out: Bytes,
) -> int:
    """Writes the pairs of the things from first to last, and gives the length of the text."""
    orders, support = sets.ends.size, sets.support
    both = np.zeros(support.size, np.int64)
    touched = np.empty(support.size, np.int64)
    out[0] = _OPEN
    at = 1
    for i in range(first, last):
        # Row i of BᵀB, without the diagonal. `touched` lists its columns, so that clearing it is cheap.
        partners = 0
        for holder in range(held.starts[i], held.starts[i + 1]):
            order = held.orders[holder]
            for line in range(sets.ends[order - 1] if order > 0 else 0, sets.ends[order]):
                j = sets.things[line]
                if both[j] == 0 and j != i:
                    touched[partners] = j
                    partners += 1
                both[j] += 1
        columns = np.sort(touched[:partners])
        values = np.empty(partners, np.float64)
        for k in range(partners):
            j = columns[k]
            values[k] = -_figure(both[j], support[i], support[j], orders, figure)
        for k in np.argsort(values, kind="mergesort")[:most]:  # stable: equal ones stay in the order of j
            j = columns[k]
            confidence = _figure(both[j], support[i], support[j], orders, Figure(False, figure.symmetric))
            at = _copied(_KEYS, _KEY_STARTS[0], _KEY_STARTS[1], out, at)
            at = _copied(labels.text, labels.starts[i], labels.starts[i + 1], out, at)
            at = _copied(_KEYS, _KEY_STARTS[1], _KEY_STARTS[2], out, at)
            at = _copied(labels.text, labels.starts[j], labels.starts[j + 1], out, at)
            at = _copied(_KEYS, _KEY_STARTS[2], _KEY_STARTS[3], out, at)
            at = decimals.write_whole(both[j], out, at)
            at = _copied(_KEYS, _KEY_STARTS[3], _KEY_STARTS[4], out, at)
            at = decimals.write(confidence, out, at)
            at = _copied(_KEYS, _KEY_STARTS[4], _KEY_STARTS[5], out, at)
            at = decimals.write(_lift(both[j], support[i], support[j], orders), out, at)
            if both[j] == 1:
                at = _copied(_KEYS, _KEY_STARTS[6], _KEY_STARTS[7], out, at)
            at = _copied(_KEYS, _KEY_STARTS[5], _KEY_STARTS[6], out, at)
        both[i] = 0
        both[columns] = 0
    last_comma = max(at - 1, 1)
    out[last_comma] = _CLOSE
    return last_comma + 1


@njit(cache=True, nogil=True)
def _copied(text: Bytes, start: int, end: int, out: Bytes, at: int) -> int:
    """Copies a part of a text, and gives the position after it."""
    for offset in range(end - start):
        out[at + offset] = text[start + offset]
    return at + end - start


def _in_threads(work: Callable[[int], T], firsts: range, threads: int) -> list[T]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, firsts))


def warm() -> None:
    """Compiles what a first request would otherwise wait for."""
    sets = baskets(np.array([0, 1], np.int32), np.array([2]), np.array([0, 1], np.int32), 2)
    rare_pairs(sets)
    rows(sets, Figure())
    pairs(sets, [b'"a"', b'"b"'], Figure(), None, 10**6)
