"""The catalogue of a body as arrays. The index of its texts is made once and kept in memory.

Items are numbered in the order of their ids, so no answer depends on the order of the rows.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from plugins.recommendation.recommenders import tfidf

Ints = NDArray[np.int64]

MOST_BYTES = 128 * 2**20
"""Memory for the indexes that a process keeps. The latest index is kept even if it is larger."""


class Catalogue(NamedTuple):
    """What is derived from a catalogue. It holds no id and no text.

    Attributes:
        order: (n,) the position in the body of each item, in the order of the ids.
        rank: (n,) the number of each item, in the order of the body.
        vectors: the index of the texts, in the order of the ids.
        digest: SHA-256 of ids and texts, in the order of the ids.
    """

    order: Ints
    rank: Ints
    vectors: tfidf.Index
    digest: bytes

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self.order.nbytes + self.rank.nbytes + self.vectors.nbytes


class Kept:
    """The catalogues that a process keeps, by tenant and content; the least recently used one is dropped
    first.

    Args:
        most_bytes: memory for all of them together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, bytes], Catalogue] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, tenant: str, items: Sequence[Any]) -> Catalogue:
        """The catalogue of a tenant's items, made if it is not kept."""
        ids, texts = [item.item_id for item in items], [item.metadata for item in items]
        key = tenant, _digest(ids, texts)
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                return kept
        made = _made(ids, texts)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._bytes += made.nbytes
            while self._bytes > self._most and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes
        return made


CATALOGUES = Kept()


def _digest(ids: Sequence[str], texts: Sequence[str | None]) -> bytes:
    return hashlib.sha256(orjson.dumps((ids, texts))).digest()


def _made(ids: Sequence[str], texts: Sequence[str | None]) -> Catalogue:
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    sorted_texts = [texts[position] for position in order.tolist()]
    digest = _digest([ids[position] for position in order.tolist()], sorted_texts)
    return Catalogue(order, rank, tfidf.build([text or "" for text in sorted_texts]), digest)
