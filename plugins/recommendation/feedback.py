"""The interactions of a body as arrays, and what no schema can check in them.

Users are numbered in the order of their ids, so no answer depends on the order of the rows.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import orjson
from numpy.typing import NDArray

from abintel.checks import duplicates, in_future, last_day
from abintel.endpoint import Call
from abintel.faults import shown
from abintel.problem import Fault, pointer
from plugins.recommendation.catalogue import Catalogue
from plugins.recommendation.recommenders import interactions
from plugins.recommendation.recommenders.interactions import Choices
from plugins.recommendation.recommenders.linear.ease import MOST_ITEMS, Ease

Floats = NDArray[np.float64]

_SECONDS_A_DAY = 86_400.0


class Feedback(NamedTuple):
    """What users chose.

    Attributes:
        users: the number of each user, by id.
        choices: the pairs of users and items, by number.
        fingerprint: SHA-256 of catalogue, choices and forced algorithm; the order of the rows does not change
            it.
        algorithm: the learner that was asked for; ``auto`` lets them compete.
    """

    users: Mapping[str, int]
    choices: Choices
    fingerprint: str
    algorithm: str = "auto"


def feedback(request: Any, catalogue: Catalogue) -> Feedback:
    """What the users of a body chose. The body has passed :func:`faults`."""
    rows = request.interactions or ()
    position = {item.item_id: index for index, item in enumerate(request.items)}
    user_ids = sorted({row.user_id for row in rows})
    users = dict(zip(user_ids, range(len(user_ids)), strict=True))
    user = np.fromiter((users[row.user_id] for row in rows), np.int64, len(rows))
    item = catalogue.rank[np.fromiter((position[row.item_id] for row in rows), np.int64, len(rows))]
    rating = np.array([row.rating for row in rows], np.float64) + 0.0  # makes -0.0 equal to 0
    age = _ages(rows)
    order = interactions.canonical(user, item, rating, age)
    user, item, rating, age = user[order], item[order], rating[order], age[order]
    choices = interactions.gather(
        *(user, item, rating, age),
        users=len(users),
        items=len(catalogue.rank),
        half_life=request.half_life_days,
    )
    digest = hashlib.sha256(catalogue.digest)
    digest.update(orjson.dumps((user_ids, request.half_life_days)))
    for column in (user, item, rating, age):
        digest.update(np.ascontiguousarray(column).tobytes())
    if request.algorithm != "auto":
        digest.update(request.algorithm.encode())
    return Feedback(users, choices, digest.hexdigest(), request.algorithm)


def _ages(rows: Sequence[Any]) -> Floats:
    """Days between each row and the latest row; zeros if no row has a timestamp."""
    if all(row.timestamp is None for row in rows):
        return np.zeros(len(rows))
    seconds = np.array([np.nan if row.timestamp is None else _seconds(row.timestamp) for row in rows])
    seconds = np.where(np.isnan(seconds), np.nanmin(seconds), seconds)
    ages: Floats = (seconds.max() - seconds) / _SECONDS_A_DAY
    return ages


def _seconds(text: str) -> float:
    """Seconds from 1970 to an ISO 8601 date or date-time, UTC if it names no offset.

    Raises:
        ValueError: the text is not ISO 8601.
    """
    stamp = datetime.datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=datetime.UTC)
    return stamp.timestamp()


def faults(request: Any, call: Call) -> Iterator[Fault]:
    """What no schema can check: ids, timestamps, and their combinations."""
    ids = [item.item_id for item in request.items]
    known = set(ids)
    yield from duplicates(ids, "items", "item_id", "item")
    rows = request.interactions or ()
    if not known.issuperset([row.item_id for row in rows]):
        for number, row in enumerate(rows):
            if row.item_id not in known:
                message = f"{shown(row.item_id)} is not in items; add it there, or leave the row out."
                yield Fault(pointer("interactions", number, "item_id"), message)
    if request.algorithm == Ease.name and len(ids) > MOST_ITEMS:
        message = f"EASE takes at most {MOST_ITEMS:,} items; items has {len(ids):,}. Send another one."
        yield Fault("/algorithm", message)
    yield from _bad_stamps(rows, call)
    if request.half_life_days is not None and all(row.timestamp is None for row in rows):
        message = "No interaction has a timestamp to tell its age by; send some, or leave this out."
        yield Fault("/half_life_days", message)


def _bad_stamps(rows: Sequence[Any], call: Call) -> Iterator[Fault]:
    first_refused = last_day(call) + datetime.timedelta(days=1)
    limit = datetime.datetime.combine(first_refused, datetime.time(), datetime.UTC).timestamp()
    for number, row in enumerate(rows):
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
        yield Fault(pointer("interactions", number, "timestamp"), message)
