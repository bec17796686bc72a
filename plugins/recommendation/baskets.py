"""Orders as arrays: which items each one holds, and which orders hold each item.

Naming a million order lines by a dictionary takes longer than all that is counted afterwards. Here the lines
are joined into one text, order by order, and named in one pass over its bytes.
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

# Halves of a character: no text that came as UTF-8 holds one. Their bytes are ED B0 80 and ED B0 81, and in
# real text ED is never followed by anything from A0 on.
_LINE, _ORDER = "\udc00", "\udc01"
_HALF, _FROM, _ORDER_END, _WIDTH = 0xED, 0xA0, 0x81, 3


class Coded(NamedTuple):
    """Lines of orders, each name a number.

    Attributes:
        names: the distinct names, in order of first appearance.
        codes: (lines,) index into `names`.
        ends: (orders,) lines up to and including each order.
    """

    names: list[str]
    codes: Codes
    ends: Ints


class Baskets(NamedTuple):
    """Orders as sets of things, items or categories.

    Attributes:
        things: (lines,) the things of each order, each once.
        ends: (orders,) lines up to and including each order; an order may hold nothing.
        support: (n,) orders that hold each thing.
    """

    things: Codes
    ends: Ints
    support: Ints


class Holders(NamedTuple):
    """The same the other way round.

    Attributes:
        orders: (lines,) the orders of each thing, ascending.
        starts: (n + 1,) where each thing's orders start, and the end.
    """

    orders: Codes
    starts: Ints


def coded(orders: Iterable[Sequence[str]]) -> Coded:
    """Numbers the names in orders.

    Args:
        orders: the names in each order; none of them empty. An order may have none.
    """
    join = _LINE.join
    parts = [join(names) for names in orders]
    if not parts:
        return Coded([], np.empty(0, np.int32), np.empty(0, np.int64))
    text = _ORDER.join(parts).encode("utf-8", "surrogatepass")
    codes, ends, starts, sizes = _named(np.frombuffer(text, np.uint8), len(parts))
    places = zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
    return Coded([text[start:end].decode() for start, end in places], codes, ends)


@njit(cache=True, nogil=True)
def _named(text: Bytes, orders: int) -> tuple[Codes, Ints, Ints, Ints]:
    """Codes, ends of the orders, and where each distinct name stands first and how long it is."""
    lines = 0
    for at in range(text.size - 1):
        lines += text[at] == _HALF and text[at + 1] >= _FROM
    codes = np.empty(lines + 1, np.int32)
    ends = np.zeros(orders, np.int64)
    slots = np.full(1024, -1, np.int32)
    starts, sizes = np.empty(512, np.int64), np.empty(512, np.int64)
    hashes = np.empty(512, np.uint64)
    known = line = order = at = 0
    while at <= text.size:
        start = at
        digest = np.uint64(14695981039346656037)  # FNV-1a
        while at < text.size and not (text[at] == _HALF and at + 1 < text.size and text[at + 1] >= _FROM):
            digest = (digest ^ np.uint64(text[at])) * np.uint64(1099511628211)
            at += 1
        size = at - start
        if size > 0:
            digest ^= digest >> np.uint64(29)
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
        if at >= text.size or text[at + 2] == _ORDER_END:
            ends[order] = line
            order += 1
        at += _WIDTH
        if at > text.size and order == orders:
            break
    return codes[:line].copy(), ends, starts[:known].copy(), sizes[:known].copy()


@njit(cache=True, nogil=True)
def _same(text: Bytes, one: int, one_size: int, other: int, other_size: int) -> bool:
    if one_size != other_size:
        return False
    for at in range(one_size):  # noqa: SIM110 -- numba has no all() of a generator
        if text[one + at] != text[other + at]:
            return False
    return True


@njit(cache=True, nogil=True)
def _doubled(values: Any) -> Any:
    longer = np.empty(2 * values.size, values.dtype)
    longer[: values.size] = values
    return longer


@njit(cache=True, nogil=True)
def _rehashed(hashes: NDArray[np.uint64], known: int) -> Codes:
    """A table twice as long as there is room for names."""
    slots = np.full(2 * hashes.size, -1, np.int32)
    mask = np.uint64(slots.size - 1)
    for code in range(known):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code
    return slots


def baskets(codes: Codes, ends: Ints, thing: Codes, things: int) -> Baskets:
    """Sets of things, from the lines of orders.

    Args:
        codes: (lines,) as in :class:`Coded`.
        ends: (orders,).
        thing: by code, the number of the thing that a line is of; -1 leaves the line out.
        things: how many there are.
    """
    return Baskets(*_distinct(codes, ends, thing, things))


@njit(cache=True, nogil=True)
def _distinct(codes: Codes, ends: Ints, thing: Codes, things: int) -> tuple[Codes, Ints, Ints]:
    kept = np.empty(codes.size, np.int32)
    kept_ends = np.empty(ends.size, np.int64)
    support = np.zeros(things, np.int64)
    seen = np.full(things, -1, np.int64)
    count = line = 0
    for order in range(ends.size):
        while line < ends[order]:
            one = thing[codes[line]]
            line += 1
            if one >= 0 and seen[one] != order:
                seen[one] = order
                support[one] += 1
                kept[count] = one
                count += 1
        kept_ends[order] = count
    return kept[:count].copy(), kept_ends, support


def holders(sets: Baskets) -> Holders:
    """The orders of each thing."""
    starts = np.zeros(sets.support.size + 1, np.int64)
    np.cumsum(sets.support, out=starts[1:])
    return Holders(_transposed(sets.things, sets.ends, starts), starts)


@njit(cache=True, nogil=True)
def _transposed(things: Codes, ends: Ints, starts: Ints) -> Codes:
    orders = np.empty(things.size, np.int32)
    place = starts[:-1].copy()
    line = 0
    for order in range(ends.size):
        while line < ends[order]:
            orders[place[things[line]]] = order
            place[things[line]] += 1
            line += 1
    return orders
