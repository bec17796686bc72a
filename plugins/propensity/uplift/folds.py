"""Which of the three fold models has not seen a customer, in training and later.

The rows of a class are dealt to the folds in pseudorandom order, from a digest of what a model sees of them.
Copies of a row are not dealt one after the other. If they were, every fold would have equally many copies,
and a chance effect in one fold would look like a law in the others. Equal rows go to folds in the order of
their ids, so neither the order of a request nor an id changes a model. The digests are stored with the
models: a customer who comes back with the same features, treatment and outcome is scored by the model that
was fitted without that row, a new customer by the mean of all models.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plugins.propensity.features.columns import Column
from plugins.shared.splitmix import GOLDEN, mixed

Ints = NDArray[np.int64]
Bytes = NDArray[np.uint8]
Digests = NDArray[np.uint64]

FOLDS = 3
NEW = -1
"""Instead of a fold: no model has seen the row."""


class Dealt(NamedTuple):
    """Training rows by digest, ascending.

    Attributes:
        digests: ``(n,)``, a digest as often as there are rows of it.
        fold: ``(n,)`` of each.
    """

    digests: Digests
    fold: Bytes

    def recall(self, digests: Digests, ids: Sequence[str]) -> Ints:
        """Fold of each row ``(m,)`` that was trained on, ``NEW`` for all others.

        Args:
            digests: ``(m,)`` of the rows.
            ids: ``(m,)`` all different; of rows that are equal otherwise, the first by id was dealt first.
        """
        first = np.searchsorted(self.digests, digests, side="left")
        copies = np.searchsorted(self.digests, digests, side="right") - first
        order = np.array(sorted(range(len(ids)), key=lambda row: (digests[row], ids[row])), dtype=np.intp)
        ranked = digests[order]
        starts = np.searchsorted(ranked, ranked, side="left")
        rank = np.empty(len(ids), dtype=np.int64)
        rank[order] = np.arange(len(ids)) - starts
        stored = np.minimum(first + rank % np.maximum(copies, 1), len(self.digests) - 1)
        return np.where(copies > 0, self.fold[stored].astype(np.int64), NEW)


def deal(digests: Digests, classes: Bytes) -> Dealt:
    """Deals rows to the folds.

    Args:
        digests: ``(n,)``; rows of different classes have different ones.
        classes: ``(n,)``.
    """
    order = np.argsort(digests, kind="stable")
    ascending, sorted_classes = digests[order], classes[order]
    copy = np.arange(len(order)) - np.searchsorted(ascending, ascending, side="left")
    lot = mixed(ascending + copy.astype(np.uint64) * GOLDEN)
    fold = np.empty(len(digests), dtype=np.uint8)
    first = 0
    for label in np.unique(classes):
        members = np.flatnonzero(sorted_classes == label)
        members = members[np.argsort(lot[members], kind="stable")]
        fold[members] = (first + np.arange(len(members))) % FOLDS
        first += len(members)
    return Dealt(ascending, fold)


def digests_of(columns: Mapping[str, Column], classes: Bytes) -> Digests:
    """``(n,)`` digest of all that a model sees of each row.

    Args:
        columns: name to column ``(n,)``, in the model's order.
        classes: ``(n,)`` 2 · treatment + outcome.
    """
    cells = np.empty((len(classes), len(columns) + 1), dtype=np.uint64)
    cells[:, 0] = classes
    for position, column in enumerate(columns.values(), start=1):
        if column.dtype == np.float64:
            cells[:, position] = np.where(np.isnan(column), np.nan, column).view(np.uint64)
        else:
            codes = {
                text: _short(("" if text is None else "=" + text).encode("utf-8", "surrogatepass"))
                for text in set(column)
            }
            cells[:, position] = [codes[text] for text in column]
    width = cells.shape[1] * cells.itemsize
    data = memoryview(cells.tobytes())
    return np.array(
        [_short(data[start : start + width]) for start in range(0, len(data), width)], dtype=np.uint64
    )


def _short(data: bytes | memoryview) -> int:
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
