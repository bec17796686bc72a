"""Load shedding: detects sustained overload and decides which waiting request runs next."""

from __future__ import annotations

import collections
from typing import Generic, TypeVar

T = TypeVar("T")

TARGET_SECONDS = 0.15
"""How long a request should wait at most."""
INTERVAL_SECONDS = 1.0
"""Requests of a short burst may wait longer. If most requests of a whole interval do, the server is
overloaded."""
MIN_OVERDUE = 16
"""So few overdue requests in an interval are not an overload: there is a thread for each (``runtime.py``)."""
_RECOVERED_SHARE = 0.25
"""The overload ends when at most this share of an interval's requests was overdue."""


class Overloaded(Exception):
    """The server is overloaded, and this request has waited too long."""


class OverloadDetector:
    """Tells a burst from a sustained overload, by how long requests wait.

    During an overload it rejects requests that waited too long, so that the others are answered soon instead
    of all of them late. The idea is CoDel's (Nichols and Jacobson, "Controlling Queue Delay", 2012) as
    servers use it (Maurer, "Fail at Scale", 2015). CoDel looks at the shortest wait of an interval. This
    class looks at most waits, because requests that arrive together do not wait equally long. A tenant that
    sends much less than the others is never rejected.

    Args:
        target: seconds that a request should wait at most.
        interval: length in seconds of the intervals in which waits are counted.
        min_overdue: an interval with no more overdue requests than this does not start an overload.
    """

    def __init__(
        self,
        target: float = TARGET_SECONDS,
        interval: float = INTERVAL_SECONDS,
        min_overdue: int = MIN_OVERDUE,
    ) -> None:
        self.overloaded = False
        self._target, self._interval, self._min_overdue = target, interval, min_overdue
        self._interval_start = float("-inf")
        self._overdue = 0
        self._requests: collections.Counter[str] = collections.Counter()
        """Requests by tenant, in this interval."""
        self._recent: collections.Counter[str] = collections.Counter()
        """Requests by tenant, in this interval and the one before."""

    def is_overdue(self, seconds: float) -> bool:
        """Whether a request that has waited for so many seconds has waited too long."""
        return seconds > self._target

    def record_wait(self, tenant: str, seconds: float, now: float) -> None:
        """Records how long a request waited before its turn came.

        Args:
            tenant: who sent the request.
            seconds: how long the request waited.
            now: seconds on a monotonic clock.

        Raises:
            Overloaded: the request must be rejected.
        """
        if now - self._interval_start >= self._interval:
            self._next_interval(now)
        overdue = self.is_overdue(seconds)
        self._overdue += overdue
        self._requests[tenant] += 1
        self._recent[tenant] += 1
        if overdue and self.overloaded and not self._is_modest(tenant):
            raise Overloaded

    def _next_interval(self, now: float) -> None:
        requests = self._requests.total()
        if now - self._interval_start >= 2 * self._interval:
            self.overloaded = False
        elif self.overloaded:
            self.overloaded = self._overdue > _RECOVERED_SHARE * max(self._min_overdue, requests)
        else:
            self.overloaded = self._overdue > self._min_overdue and 2 * self._overdue > requests
        self._recent, self._requests = self._requests.copy(), collections.Counter()
        self._interval_start, self._overdue = now, 0

    def _is_modest(self, tenant: str) -> bool:
        """Whether a tenant sent less than half the mean of all tenants, in this interval and the one
        before."""
        return 2 * self._recent[tenant] * len(self._recent) < self._recent.total()


class WaitingQueue(Generic[T]):
    """Waiting requests: first in, first out; during an overload last in, first out.

    During an overload the newest request runs first (Maurer, as above). Some requests are then answered at
    once and some are rejected, instead of each one running when it is almost overdue. Overdue requests still
    leave first, so that they are rejected at once.

    Args:
        detector: tells whether there is an overload.
    """

    def __init__(self, detector: OverloadDetector) -> None:
        self._detector = detector
        self._waiting: collections.deque[tuple[float, T]] = collections.deque()

    def put(self, request: T, since: float) -> None:
        """Adds a request that has waited since a moment."""
        self._waiting.append((since, request))

    def take(self, now: float) -> T | None:
        """Removes and returns the next request, None if no request waits."""
        if not self._waiting:
            return None
        oldest_first = not self._detector.overloaded or self._detector.is_overdue(now - self._waiting[0][0])
        _, request = self._waiting.popleft() if oldest_first else self._waiting.pop()
        return request
