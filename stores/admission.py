"""Who waits, and who is the next: a burst, soon gone, is told from more requests than can be answered."""

from __future__ import annotations

import collections
from typing import Generic, TypeVar

T = TypeVar("T")

TARGET_SECONDS = 0.15
"""How long a request should wait before it is computed."""
INTERVAL_SECONDS = 1.0
"""A burst may make requests wait longer; if most of those of an interval did, they are too many."""
FEW = 16
"""So few that are late in an interval are no crowd yet: a thread for each (``runtime.py``)."""
_OVER_SHARE = 0.25
"""Of an interval's requests, or of the few; when no more than that were late, the crowd is gone."""


class TooMany(Exception):
    """More requests come than are answered, and this one has waited too long already."""


class Crowd:
    """Those who wait for something, and whether they are too many.

    When they are, it sends those away that waited too long: the others are answered soon, instead of all of
    them late. That is CoDel's idea (Nichols and Jacobson, "Controlling Queue Delay", 2012), as servers have
    it (Maurer, "Fail at Scale", 2015), but for most instead of all of an interval's requests: those that come
    together do not wait for equally long. They are too many until few of them are late. Who asks for much
    less than the others do is never sent away.

    Args:
        target: seconds that one should wait at most.
        interval: seconds for which most may wait longer.
        few: as many may be late in an interval, however few are not, before they are too many.
    """

    def __init__(
        self, target: float = TARGET_SECONDS, interval: float = INTERVAL_SECONDS, few: int = FEW
    ) -> None:
        self.too_many = False
        self._target, self._interval, self._few = target, interval, few
        self._began = float("-inf")
        self._late = 0
        self._asked: collections.Counter[str] = collections.Counter()
        self._lately: collections.Counter[str] = collections.Counter()

    def is_late(self, seconds: float) -> bool:
        """Whether who has waited for so long has waited too long."""
        return seconds > self._target

    def has_waited(self, tenant: str, seconds: float, now: float) -> None:
        """Notes how long one has waited whose turn it is.

        Args:
            tenant: whose request it is.
            seconds: since it was there.
            now: of a clock that does not go back.

        Raises:
            TooMany: it should not be computed any more.
        """
        if now - self._began >= self._interval:
            self._next_interval(now)
        late = self.is_late(seconds)
        self._late += late
        self._asked[tenant] += 1
        self._lately[tenant] += 1
        if late and self.too_many and not self._is_modest(tenant):
            raise TooMany

    def _next_interval(self, now: float) -> None:
        asked = self._asked.total()
        if now - self._began >= 2 * self._interval:
            self.too_many = False
        elif self.too_many:
            self.too_many = self._late > _OVER_SHARE * max(self._few, asked)
        else:
            self.too_many = self._late > self._few and 2 * self._late > asked
        self._lately, self._asked = self._asked.copy(), collections.Counter()
        self._began, self._late = now, 0

    def _is_modest(self, tenant: str) -> bool:
        """Whether a tenant asked for less than half the mean of all, in this interval and the one before."""
        return 2 * self._lately[tenant] * len(self._lately) < self._lately.total()


class Line(Generic[T]):
    """Those who wait, each with the moment since which he does.

    The next is who came first. Of too many it is who came last (Maurer, as above): some are answered at once
    and some are sent away, instead of each of them when he has almost waited too long. Those who have waited
    too long are the next all the same, to be told.

    Args:
        crowd: what tells whether they are too many.
    """

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._waiting: collections.deque[tuple[float, T]] = collections.deque()

    def join(self, who: T, since: float) -> None:
        """Waits from now on."""
        self._waiting.append((since, who))

    def leave(self, now: float) -> T | None:
        """Whoever is the next, or None if nobody waits."""
        if not self._waiting:
            return None
        in_order = not self._crowd.too_many or self._crowd.is_late(now - self._waiting[0][0])
        _, who = self._waiting.popleft() if in_order else self._waiting.pop()
        return who
