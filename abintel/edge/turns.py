"""Whose turn it is to compute: few requests at a time, in the order that they came, and not too many of them.

Threads that share one interpreter do not compute at once, they hold each other up: requests that take turns
of some milliseconds end sooner, on the mean, than as many that go on together. Who is not done when his turn
is over (a training, a body of megabytes, a store that does not answer) goes on beside the others: nobody
waits for him any longer.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
from collections.abc import AsyncIterator

PLACES = 2
"""How many have their turn at a time."""
TURN_SECONDS = 0.03
"""How long a turn lasts at most. All threads have begun long before an interval is over."""
TARGET_SECONDS = 0.25
"""How long a request should wait before it is computed."""
INTERVAL_SECONDS = 1.0
"""A burst may make requests wait longer; if most of those of an interval did, they are too many."""


class TooMany(Exception):
    """More requests come than are answered, and this one has waited too long already."""


class Delay:
    """Tells a burst, which is soon gone, from more requests than can be answered.

    Of the latter it sends those away that waited too long: the others are answered soon, instead of all of
    them late. That is CoDel's idea (Nichols and Jacobson, "Controlling Queue Delay", 2012), as servers have
    it (Maurer, "Fail at Scale", 2015), but for most instead of all of an interval's requests: those that come
    together do not wait for equally long. Who asks for much less than his share is never sent away.
    """

    def __init__(self) -> None:
        self._began = float("-inf")
        self._late = 0
        self._asked: collections.Counter[str] = collections.Counter()
        self._before: collections.Counter[str] = collections.Counter()
        self._too_many = False

    def has_waited(self, tenant: str, seconds: float, now: float) -> None:
        """Notes how long a request has waited that is about to be computed.

        Args:
            tenant: whose it is.
            seconds: since it was there.
            now: of a clock that does not go back.

        Raises:
            TooMany: it should not be computed any more.
        """
        if now - self._began >= INTERVAL_SECONDS:
            is_last = now - self._began < 2 * INTERVAL_SECONDS
            self._too_many = is_last and 2 * self._late > self._asked.total()
            self._before, self._asked = self._asked, collections.Counter()
            self._began, self._late = now, 0
        is_late = seconds > TARGET_SECONDS
        self._late += is_late
        self._asked[tenant] += 1
        if is_late and self._too_many and not self._is_modest(tenant):
            raise TooMany

    def _is_modest(self, tenant: str) -> bool:
        """Whether a tenant asked for less than half of what each asked for on the mean, an interval ago."""
        return 2 * self._before[tenant] * len(self._before) < self._before.total()


class Turns:
    """Gives turns. Of one event loop.

    Args:
        places: how many have their turn at a time.
        seconds: how long a turn lasts at most.
    """

    def __init__(self, places: int = PLACES, seconds: float = TURN_SECONDS) -> None:
        self._free = places
        self._seconds = seconds
        self._delay = Delay()
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()

    @contextlib.asynccontextmanager
    async def turn(self, tenant: str, since: float) -> AsyncIterator[None]:
        """Waits for a turn, and has it until the end of the block or of its time.

        Args:
            tenant: whose request it is.
            since: when the request was there, on the loop's clock.

        Raises:
            TooMany: it has waited too long, as others did.
        """
        loop = asyncio.get_running_loop()
        if self._free:
            self._free -= 1
        else:
            await self._begin(loop)
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                self._pass_on()

        timer = loop.call_later(self._seconds, end)
        try:
            now = loop.time()
            self._delay.has_waited(tenant, now - since, now)
            yield
        finally:
            timer.cancel()
            end()

    async def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        begins: asyncio.Future[None] = loop.create_future()
        self._waiting.append(begins)
        try:
            await begins
        except asyncio.CancelledError:
            if begins.done() and not begins.cancelled():
                # The turn had come in the same moment; it is the next one's.
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        """A turn has ended: the next one's begins."""
        while self._waiting:
            begins = self._waiting.popleft()
            if not begins.done():
                begins.set_result(None)
                return
        self._free += 1
