"""Orders as arrays: which items each order holds, and which orders hold each item.

To number a million item names with a dictionary takes longer than all counting afterwards. Here the names are
joined into one text, order by order, and numbered in one pass over its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]

# Separators are lone surrogates, which no text that came as UTF-8 contains. Their bytes are ED B0 80 and ED
# B0 81; in valid UTF-8, ED is never followed by A0 or more.
_LINE, _ORDER = "\udc00", "\udc01"
_FIRST_BYTE, _LEAST_SECOND_BYTE, _ORDER_THIRD_BYTE, _WIDTH = 0xED, 0xA0, 0x81, 3


class Coded(NamedTuple):
    """Order lines, with a number for each name.

    Attributes:
        names: the distinct names, in order of first appearance.
        codes: (lines,) index into `names`.
        ends: (orders,) number of lines up to and including each order.
    """

    names: list[str]
    codes: Codes
    ends: Ints


class Baskets(NamedTuple):
    """Orders as sets of things, items or categories.

    Attributes:
        things: (lines,) the things of each order, each once.
        ends: (orders,) number of lines up to and including each order; an order may be empty.
        support: (n,) number of orders that hold each thing.
    """

    things: Codes
    ends: Ints
    support: Ints


class Holders(NamedTuple):
    """The orders that hold each thing.

    Attributes:
        orders: (lines,) the orders of each thing, ascending.
        starts: (n + 1,) where the orders of each thing start.
    """

    orders: Codes
    starts: Ints


def coded(orders: Iterable[Sequence[str]]) -> Coded:
    """Numbers the names in orders.

    Args:
        orders: the names in each order, none of them empty; an order may have no names.

    >>> coded([["A", "B"], [], ["B"]])
    Coded(names=['A', 'B'], codes=array([0, 1, 1], dtype=int32), ends=array([2, 2, 3]))
    """
    join = _LINE.join
    parts = [join(names) for names in orders]
    if not parts:
        return Coded([], np.empty(0, np.int32), np.empty(0, np.int64))
    text = _ORDER.join(parts).encode("utf-8", "surrogatepass")
    codes, ends, starts, sizes = _named(np.frombuffer(text, np.uint8), len(parts))
    spans = zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
    return Coded([text[start:end].decode() for start, end in spans], codes, ends)


@njit(cache=True, nogil=True)
def _named(text: Bytes, orders: int) -> tuple[Codes, Ints, Ints, Ints]:
    """Codes, ends of the orders, and the first position and the length of each distinct name.

    A hash table with open addressing and linear probing (Knuth, *TAOCP* 3, section 6.4, algorithm L): `slots`
    holds codes, and is at most half full.
    """
    separators = 0
    for at in range(text.size - 1):
        separators += text[at] == _FIRST_BYTE and text[at + 1] >= _LEAST_SECOND_BYTE
    codes = np.empty(separators + 1, np.int32)
    ends = np.zeros(orders, np.int64)
    slots = np.full(1024, -1, np.int32)
    starts, sizes = np.empty(512, np.int64), np.empty(512, np.int64)
    hashes = np.empty(512, np.uint64)
    known = line = order = at = 0
    while at <= text.size:
        start = at
        digest = np.uint64(14695981039346656037)  # 64-bit FNV-1a (Fowler, Noll & Vo)
        while at < text.size and not (
            text[at] == _FIRST_BYTE and at + 1 < text.size and text[at + 1] >= _LEAST_SECOND_BYTE
        ):
            digest = (digest ^ np.uint64(text[at])) * np.uint64(1099511628211)
            at += 1
        size = at - start
        if size > 0:
            digest ^= digest >> np.uint64(29)  # FNV's low bits, which choose the slot, mix badly
            mask = np.uint64(slots.size - 1)
            slot = digest & mask
            while True:
                code = slots[slot]
                if code < 0:
                    code = slots[slot] = known
                    starts[known], sizes[known], hashes[known] = start, size, digest
                    known += 1
                    break
                if hashes[code] == digest and _same(text, starts[code], sizes[code], start, size):
                    break
                slot = (slot + np.uint64(1)) & mask
            codes[line] = code
            line += 1
            if known == starts.size:
                starts, sizes = _doubled(starts), _doubled(sizes)
                hashes = _doubled(hashes)
                slots = _rehashed(hashes, known)
        if at >= text.size or text[at + 2] == _ORDER_THIRD_BYTE:
            ends[order] = line
            order += 1
        at += _WIDTH
        if at > text.size and order == orders:
            break
    return codes[:line].copy(), ends, starts[:known].copy(), sizes[:known].copy()


@njit(cache=True, nogil=True)
def _same(text: Bytes, first: int, first_size: int, second: int, second_size: int) -> bool:
    """Whether two names are equal."""
    if first_size != second_size:
        return False
    for at in range(first_size):  # noqa: SIM110 -- numba has no all() of a generator
        if text[first + at] != text[second + at]:
            return False
    return True


@njit(cache=True, nogil=True)
def _doubled(values: Any) -> Any:
    longer = np.empty(2 * values.size, values.dtype)
    longer[: values.size] = values
    return longer


@njit(cache=True, nogil=True)
def _rehashed(hashes: NDArray[np.uint64], known: int) -> Codes:
    """A hash table with two slots per name that there is room for."""
    slots = np.full(2 * hashes.size, -1, np.int32)
    mask = np.uint64(slots.size - 1)
    for code in range(known):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code
    return slots


def baskets(codes: Codes, ends: Ints, thing: Codes, things: int) -> Baskets:
    """Sets of things, from order lines.

    Args:
        codes: (lines,) as in :class:`Coded`.
        ends: (orders,) as in :class:`Coded`.
        thing: number of the thing for each code; -1 leaves the line out.
        things: how many things there are.

    >>> twice = baskets(np.array([0, 0, 1], np.int32), np.array([2, 3]), np.array([0, 1], np.int32), 2)
    >>> twice.things.tolist(), twice.ends.tolist(), twice.support.tolist()
    ([0, 1], [1, 2], [1, 1])
    """
    return Baskets(*_distinct(codes, ends, thing, things))


@njit(cache=True, nogil=True)
def _distinct(codes: Codes, ends: Ints, thing: Codes, things: int) -> tuple[Codes, Ints, Ints]:
    kept = np.empty(codes.size, np.int32)
    kept_ends = np.empty(ends.size, np.int64)
    support = np.zeros(things, np.int64)
    last_order = np.full(things, -1, np.int64)  # the last order in which each thing was seen
    count = line = 0
    for order in range(ends.size):
        while line < ends[order]:
            held = thing[codes[line]]
            line += 1
            if held >= 0 and last_order[held] != order:
                last_order[held] = order
                support[held] += 1
                kept[count] = held
                count += 1
        kept_ends[order] = count
    return kept[:count].copy(), kept_ends, support


def holders(sets: Baskets) -> Holders:
    """The orders that hold each thing.

    >>> sets = baskets(np.array([0, 1, 1], np.int32), np.array([2, 3]), np.array([0, 1], np.int32), 2)
    >>> holders(sets).orders.tolist(), holders(sets).starts.tolist()
    ([0, 0, 1], [0, 1, 3])
    """
    starts = np.zeros(sets.support.size + 1, np.int64)
    np.cumsum(sets.support, out=starts[1:])
    return Holders(_transposed(sets.things, sets.ends, starts), starts)


@njit(cache=True, nogil=True)
def _transposed(things: Codes, ends: Ints, starts: Ints) -> Codes:
    orders = np.empty(things.size, np.int32)
    free = starts[:-1].copy()  # where the next order of each thing goes
    line = 0
    for order in range(ends.size):
        while line < ends[order]:
            orders[free[things[line]]] = order
            free[things[line]] += 1
            line += 1
    return orders
