"""From a body to arrays: the catalogue's texts, indexed once and kept, and what users chose of it.

Everything is numbered in the order of the ids, so that no answer depends on the order of the rows.
"""

from __future__ import annotations

import datetime
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from abintel.checks import duplicates, in_future, last_day
from abintel.endpoint import Call
from abintel.faults import shown
from abintel.problem import Fault, pointer
from plugins.recommendation.taste import interactions, tfidf
from plugins.recommendation.taste.interactions import Choices

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MOST_BYTES = 128 * 2**20
"""Memory of the indexes that a process keeps; the one last used is kept however large it is."""
_DAY = 86_400.0


class Catalogue(NamedTuple):
    """What is derived from a catalogue, and holds neither ids nor texts.

    Attributes:
        order: (n,) position in the body of each item, in the order of the ids.
        rank: (n,) number of each item, in the order of the body.
        vectors: the texts, in the order of the ids.
        digest: of ids and texts, whatever the order of the body.
    """

    order: Ints
    rank: Ints
    vectors: tfidf.Index
    digest: bytes

    @property
    def nbytes(self) -> int:
        """Memory of the arrays."""
        return self.order.nbytes + self.rank.nbytes + self.vectors.nbytes


class Feedback(NamedTuple):
    """What users chose.

    Attributes:
        users: number of each user, by id.
        choices: the pairs, users and items in the order of their ids.
        fingerprint: of catalogue and choices, whatever the order of the rows.
    """

    users: Mapping[str, int]
    choices: Choices
    fingerprint: str


class Kept:
    """The catalogues of a process, by tenant and content; those not used for longest leave first.

    Args:
        most_bytes: memory of all together.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, bytes], Catalogue] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def of(self, tenant: str, items: Sequence[Any]) -> Catalogue:
        """A tenant's catalogue, kept or made."""
        ids, texts = [item.item_id for item in items], [item.metadata for item in items]
        key = tenant, _digest(ids, texts)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
                return known
        made = _made(ids, texts)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = made
                self._bytes += made.nbytes
            while self._bytes > self._most and len(self._kept) > 1:
                _, gone = self._kept.popitem(last=False)
                self._bytes -= gone.nbytes
        return made


CATALOGUES = Kept()


def _digest(ids: Sequence[str], texts: Sequence[str | None]) -> bytes:
    return hashlib.sha256(orjson.dumps((ids, texts))).digest()


def _made(ids: Sequence[str], texts: Sequence[str | None]) -> Catalogue:
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    in_order = order.tolist()
    ordered = [texts[place] for place in in_order]
    digest = _digest([ids[place] for place in in_order], ordered)
    return Catalogue(order, rank, tfidf.build([text or "" for text in ordered]), digest)


def feedback(request: Any, catalogue: Catalogue) -> Feedback:
    """What the users of a body chose; a body that :func:`faults` has nothing to say of."""
    rows = request.interactions or ()
    position = {item.item_id: place for place, item in enumerate(request.items)}
    names = [row.user_id for row in rows]
    known = sorted(set(names))
    users = dict(zip(known, range(len(known)), strict=True))
    count = len(rows)
    user = np.fromiter(map(users.__getitem__, names), np.int64, count)
    item = catalogue.rank[np.fromiter((position[row.item_id] for row in rows), np.int64, count)]
    rating = np.array([row.rating for row in rows], np.float64) + 0.0  # -0.0 is 0
    age = _ages(rows, request.half_life_days)
    order = interactions.canonical(user, item, rating, age)
    user, item, rating, age = user[order], item[order], rating[order], age[order]
    choices = interactions.gather(
        *(user, item, rating, age),
        users=len(users),
        items=len(catalogue.rank),
        half_life=request.half_life_days,
    )
    total = hashlib.sha256(catalogue.digest)
    total.update(orjson.dumps((known, request.half_life_days)))
    for column in (user, item, rating, age):
        total.update(np.ascontiguousarray(column).tobytes())
    return Feedback(users, choices, total.hexdigest())


def _ages(rows: Sequence[Any], half_life: float | None) -> Floats:
    """Days between each row and the latest; zeros where age does not count."""
    if half_life is None:
        return np.zeros(len(rows))
    seconds = np.array([np.nan if row.timestamp is None else _seconds(row.timestamp) for row in rows])
    seconds = np.where(np.isnan(seconds), np.nanmin(seconds), seconds)
    ages: Floats = (seconds.max() - seconds) / _DAY
    return ages


def _seconds(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 text, UTC if it names no offset.

    Raises:
        ValueError: it is none.
    """
    stamp = datetime.datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=datetime.UTC)
    return stamp.timestamp()


def faults(request: Any, call: Call) -> Iterator[Fault]:
    """What no schema can say of a catalogue and interactions."""
    ids = [item.item_id for item in request.items]
    known = set(ids)
    yield from duplicates(ids, "items", "item_id", "item")
    rows = request.interactions or ()
    if not known.issuperset([row.item_id for row in rows]):
        for place, row in enumerate(rows):
            if row.item_id not in known:
                message = f"{shown(row.item_id)} is not in items; add it there, or leave the row out."
                yield Fault(pointer("interactions", place, "item_id"), message)
    yield from _bad_stamps(rows, call)
    if request.half_life_days is not None and all(row.timestamp is None for row in rows):
        message = "No interaction has a timestamp to tell its age by; send some, or leave this out."
        yield Fault("/half_life_days", message)


def _bad_stamps(rows: Sequence[Any], call: Call) -> Iterator[Fault]:
    after = last_day(call) + datetime.timedelta(days=1)
    limit = datetime.datetime.combine(after, datetime.time(), datetime.UTC).timestamp()
    for place, row in enumerate(rows):
        if row.timestamp is None:
            continue
        try:
            if _seconds(row.timestamp) < limit:
                continue
            message = in_future(shown(row.timestamp), call)
        except (ValueError, OverflowError):
            message = (
                f"{shown(row.timestamp)} is not an ISO 8601 date or date-time, such as 2025-04-28T12:00:00Z."
            )
        yield Fault(pointer("interactions", place, "timestamp"), message)
