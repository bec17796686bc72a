"""A digest of what each customer did: the canonical order of a training, and its fingerprint.

A digest depends on the customer's purchase days counted back from today, on what each brought, and on the
day of cancellation. It does not depend on the id, nor on the order of customers or orders. Customers with
equal digests look the same to every model."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from plugins.clv.history.histories import NEVER, Histories, Occasions
from plugins.shared.splitmix import mixed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_LANES = ((0x9E3779B97F4A7C15, 0xD1B54A32D192ED03), (0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))


def of_occasions(bought: Occasions, gone: Ints, today: int) -> Words:
    """Digests of n customers, shape ``(n, 2)``: 128 bits each.

    Args:
        bought: occasions of n customers, each with at least one.
        gone: (n,) ordinal of the day of cancellation, :data:`contest.NEVER` where there is none.
        today: ordinal.
    """
    starts = np.flatnonzero(np.concatenate(([True], bought.owner[1:] != bought.owner[:-1])))
    ago = (today - bought.day).astype(np.uint64)
    value = (bought.value + 0.0).view(np.uint64)  # −0 is 0
    left = np.where(gone >= NEVER, NEVER, gone - today).astype(np.uint64)
    # The days of a customer are distinct, so the sum of their hashes does not depend on their order.
    return np.column_stack(
        [
            mixed(np.add.reduceat(mixed(mixed(ago + one) ^ value), starts) ^ mixed(left + other))
            for one, other in _lanes()
        ]
    )


def of_histories(known: Histories, gone: Ints) -> Words:
    """Digests of customers of whom only the four figures are known, shape ``(n, 2)``."""
    columns = (
        known.frequency.astype(float),
        known.recency,
        known.T,
        known.monetary_value,
        gone.astype(float),
    )
    lanes = []
    for one, other in _lanes():
        state = np.full(len(gone), one)
        for column in columns:
            state = mixed(state + other ^ (column + 0.0).view(np.uint64))
        lanes.append(state)
    return np.column_stack(lanes)


def order(digests: Words) -> Ints:
    """The canonical order of the customers, shape ``(n,)``."""
    return np.lexsort(digests.T)


def whole(digests: Words, kind: str) -> str:
    """Fingerprint of a training, SHA-256, hexadecimal.

    Args:
        digests: of the customers, in any order.
        kind: everything else that the training depends on.
    """
    total = hashlib.sha256(kind.encode())
    total.update(np.ascontiguousarray(digests[order(digests)], dtype="<u8").tobytes())
    return total.hexdigest()


def _lanes() -> list[tuple[np.uint64, np.uint64]]:
    return [(np.uint64(one), np.uint64(other)) for one, other in _LANES]
