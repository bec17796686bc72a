"""Whose turn it is to compute: few requests at a time, in the order that they came unless they are too many.

Threads that share one interpreter do not compute at once, they hold each other up: requests that take turns
of some milliseconds end sooner, on the mean, than as many that go on together. Who is not done when his turn
is over (a training, a body of megabytes, a store that does not answer) goes on beside the others: nobody
waits for him any longer, unless all threads are taken.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from stores.admission import Crowd, Line

PLACES = 2
"""How many have their turn at a time. Of a crowd one: of four times as many requests as can be answered no
fewer were, and those in a third of the time."""
TURN_SECONDS = 0.05
"""How long a turn lasts at most."""


class Turns:
    """Gives turns. Of one event loop.

    Args:
        threads: how many requests are computed at a time, those whose turn is over among them.
        places: how many have their turn at a time.
        seconds: how long a turn lasts at most.
        crowd: tells whether those who wait are too many.
    """

    def __init__(
        self,
        threads: int,
        *,
        places: int = PLACES,
        seconds: float = TURN_SECONDS,
        crowd: Crowd | None = None,
    ) -> None:
        self._threads, self._places, self._seconds = threads, places, seconds
        self._crowd = crowd or Crowd()
        self._line: Line[asyncio.Future[None]] = Line(self._crowd)
        self._begun = 0
        self._in_turn = 0

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
        await self._begin(loop, since)
        is_over = False

        def end() -> None:
            nonlocal is_over
            if not is_over:
                is_over = True
                self._in_turn -= 1
                self._call(loop.time())

        timer = loop.call_later(self._seconds, end)
        try:
            now = loop.time()
            self._crowd.has_waited(tenant, now - since, now)
            self._call(now)  # the crowd may just have gone, and its second place be free
            yield
        finally:
            timer.cancel()
            self._begun -= 1
            end()
            self._call(loop.time())

    @property
    def _is_free(self) -> bool:
        places = 1 if self._crowd.too_many else self._places
        return self._in_turn < places and self._begun < self._threads

    async def _begin(self, loop: asyncio.AbstractEventLoop, since: float) -> None:
        if self._is_free:
            self._begun += 1
            self._in_turn += 1
            return
        called: asyncio.Future[None] = loop.create_future()
        self._line.join(called, since)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                # The turn had come in the same moment; it is the next one's.
                self._begun -= 1
                self._in_turn -= 1
                self._call(loop.time())
            raise

    def _call(self, now: float) -> None:
        """Begins the turns of as many as there are places for."""
        while self._is_free and (called := self._line.leave(now)) is not None:
            if not called.done():
                self._begun += 1
                self._in_turn += 1
                called.set_result(None)
