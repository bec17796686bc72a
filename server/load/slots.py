"""Compute slots: few requests compute at a time, in order of arrival unless the server is overloaded.

Threads that share one interpreter slow each other down. Requests that take turns of some milliseconds finish
sooner, on average, than the same requests all at once. A request that is not done when its slot expires (a
training, a body of megabytes, a store that does not answer) moves to the slow lane: it continues next to the
others, and nobody waits for it unless all threads are busy.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from stores.load_shedding import OverloadDetector, WaitingQueue

SLOTS = 2
"""How many requests hold a slot at a time. During an overload it is one: at four times the capacity that
answered no fewer requests, and took a third of the time for each."""
SLOT_SECONDS = 0.05
"""How long a request holds its slot at most."""


class ComputeSlots:
    """Hands out the slots of one event loop.

    Args:
        threads: how many requests may compute at a time, those whose slots expired included.
        slots: how many requests hold a slot at a time.
        seconds: how long a request holds its slot at most.
        detector: tells whether the server is overloaded.
    """

    def __init__(
        self,
        threads: int,
        *,
        slots: int = SLOTS,
        seconds: float = SLOT_SECONDS,
        detector: OverloadDetector | None = None,
    ) -> None:
        self._threads, self._slots, self._seconds = threads, slots, seconds
        self._detector = detector or OverloadDetector()
        self._waiting: WaitingQueue[asyncio.Future[None]] = WaitingQueue(self._detector)
        self._computing = 0
        self._held = 0

    @contextlib.asynccontextmanager
    async def slot(self, tenant: str, since: float) -> AsyncIterator[None]:
        """Waits for a slot, and holds it until the block ends or the slot expires.

        Args:
            tenant: who sent the request.
            since: when the request had arrived, on the loop's clock.

        Raises:
            Overloaded: the server is overloaded and the request has waited too long.
        """
        loop = asyncio.get_running_loop()
        await self._acquire(loop, since)
        released = False

        def release() -> None:
            nonlocal released
            if not released:
                released = True
                self._held -= 1
                self._wake_waiting(loop.time())

        timer = loop.call_later(self._seconds, release)
        try:
            now = loop.time()
            self._detector.record_wait(tenant, now - since, now)
            self._wake_waiting(now)  # the overload may just have ended, which frees the second slot
            yield
        finally:
            timer.cancel()
            self._computing -= 1
            release()
            self._wake_waiting(loop.time())

    @property
    def _is_free(self) -> bool:
        slots = 1 if self._detector.overloaded else self._slots
        return self._held < slots and self._computing < self._threads

    async def _acquire(self, loop: asyncio.AbstractEventLoop, since: float) -> None:
        if self._is_free:
            self._computing += 1
            self._held += 1
            return
        granted: asyncio.Future[None] = loop.create_future()
        self._waiting.put(granted, since)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                # The slot was granted at the same moment; the next request gets it.
                self._computing -= 1
                self._held -= 1
                self._wake_waiting(loop.time())
            raise

    def _wake_waiting(self, now: float) -> None:
        """Grants the free slots to waiting requests."""
        while self._is_free and (granted := self._waiting.take(now)) is not None:
            if not granted.done():
                self._computing += 1
                self._held += 1
                granted.set_result(None)
