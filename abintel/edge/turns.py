"""Whose turn it is to compute: few requests at a time, in the order that they came.

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

PLACES = 3
"""How many have their turn at a time."""
TURN_SECONDS = 0.1
"""How long a turn lasts at most."""
_SHARE = 0.1
"""Weight of the newest interval in the mean."""


class Turns:
    """Gives turns, and knows how long another one would wait for his. Of one event loop.

    Args:
        places: how many have their turn at a time.
        seconds: how long a turn lasts at most.
    """

    def __init__(self, places: int = PLACES, seconds: float = TURN_SECONDS) -> None:
        self._free = places
        self._seconds = seconds
        self._waiting: collections.deque[asyncio.Future[None]] = collections.deque()
        self._last: float | None = None
        self._interval: float | None = None

    @property
    def wait(self) -> float:
        """Seconds until another one would have his turn, as far as that can be known.

        By Little's law: behind n others one begins after n mean intervals between two ends of turns, whatever
        is done in them.
        """
        return len(self._waiting) * (self._interval or 0.0)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Waits for a turn, and has it until the end of the block or of its time."""
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
                self._pass_on(loop.time())

        timer = loop.call_later(self._seconds, end)
        try:
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
                self._pass_on(loop.time())
            raise

    def _pass_on(self, now: float) -> None:
        """A turn has ended: the next one's begins."""
        while self._waiting:
            begins = self._waiting.popleft()
            if not begins.done():
                begins.set_result(None)
                if self._last is not None:
                    before = now - self._last if self._interval is None else self._interval
                    self._interval = before + _SHARE * (now - self._last - before)
                self._last = now
                return
        self._free += 1
        self._last = self._interval = None
