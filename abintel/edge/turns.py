"""Whose turn it is to compute: few requests at a time, in the order that they came, and not too many of them.

Threads that share one interpreter do not compute at once, they hold each other up: requests that take turns
of some milliseconds end sooner, on the mean, than as many that go on together. Who is not done when his turn
is over (a training, a body of megabytes, a store that does not answer) goes on beside the others: nobody
waits for him any longer.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from abintel.crowding import Crowd, Line

PLACES = 2
"""How many have their turn at a time, of a crowd one: of four times as many requests as can be answered no fewer
were, and those in a third of the time."""
TURN_SECONDS = 0.05
"""How long a turn lasts at most."""


class Turns:
    """Gives turns. Of one event loop.

    Args:
        places: how many have their turn at a time.
        seconds: how long a turn lasts at most.
    """

    def __init__(self, places: int = PLACES, seconds: float = TURN_SECONDS) -> None:
        self._places = places
        self._taken = 0
        self._seconds = seconds
        self._crowd = Crowd()
        self._line: Line[asyncio.Future[None]] = Line(self._crowd)

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
        if self._taken < self._open:
            self._taken += 1
        else:
            await self._begin(loop, since)
        ended = False

        def end() -> None:
            nonlocal ended
            if not ended:
                ended = True
                self._pass_on(loop.time())

        timer = loop.call_later(self._seconds, end)
        try:
            now = loop.time()
            self._crowd.has_waited(tenant, now - since, now)
            yield
        finally:
            timer.cancel()
            end()

    @property
    def _open(self) -> int:
        """Places, taken or free."""
        return 1 if self._crowd.too_many else self._places

    async def _begin(self, loop: asyncio.AbstractEventLoop, since: float) -> None:
        begins: asyncio.Future[None] = loop.create_future()
        self._line.join(begins, since)
        try:
            await begins
        except asyncio.CancelledError:
            if begins.done() and not begins.cancelled():
                # The turn had come in the same moment; it is the next one's.
                self._pass_on(loop.time())
            raise

    def _pass_on(self, now: float) -> None:
        """A turn has ended: the next one's begins, or those of as many as there are places for."""
        self._taken -= 1
        while self._taken < self._open and (begins := self._line.leave(now)) is not None:
            if not begins.done():
                self._taken += 1
                begins.set_result(None)
