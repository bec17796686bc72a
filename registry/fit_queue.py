"""Queues for fits: one fit of each kind runs at a time, so that training leaves the processor to serving."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator

from abintel.problem import Problem
from stores.load_shedding import OverloadDetector, Overloaded, WaitingQueue

SMALL_ROWS = 2_000
"""Fits of up to so many rows do not wait for larger ones."""
TARGET_SECONDS = 1.0
"""How long a small fit should wait at most."""
INTERVAL_SECONDS = 3.0
"""If most small fits of an interval wait longer, the queue is overloaded."""
MIN_OVERDUE = 6
"""Up to so many fits may wait too long without an overload: of twelve at once, 0.4 s each, no more do."""


class FitQueues:
    """Runs fits one after the other: small ones in one queue, large ones in another."""

    def __init__(self) -> None:
        self._small, self._large = _FitQueue(TARGET_SECONDS), _FitQueue(math.inf)

    @contextlib.contextmanager
    def slot(self, tenant: str, rows: int, may_shed: bool) -> Iterator[None]:
        """Waits for the fits before this one, and keeps the others waiting until the block ends.

        Args:
            tenant: who asked for the training.
            rows: number of training rows.
            may_shed: whether the fit may be rejected while the queue is overloaded.

        Raises:
            Problem: 503, the queue is overloaded and this fit has waited too long.
        """
        queue = self._small if rows <= SMALL_ROWS else self._large
        try:
            with queue.slot(tenant, may_shed):
                yield
        except Overloaded:
            raise saturated(seconds=2) from None


class _FitQueue:
    """Gives one slot to one thread at a time."""

    def __init__(self, target: float) -> None:
        self._lock = threading.Lock()
        self._busy = False
        self._detector = OverloadDetector(target=target, interval=INTERVAL_SECONDS, min_overdue=MIN_OVERDUE)
        self._waiting: WaitingQueue[threading.Event] = WaitingQueue(self._detector)

    @contextlib.contextmanager
    def slot(self, tenant: str, may_shed: bool) -> Iterator[None]:
        since, turn = time.monotonic(), threading.Event()
        with self._lock:
            must_wait = self._busy
            if must_wait:
                self._waiting.put(turn, since)
            self._busy = True
        if must_wait:
            turn.wait()
        try:
            if may_shed:
                now = time.monotonic()
                self._detector.record_wait(tenant, now - since, now)
            yield
        finally:
            with self._lock:
                next_turn = self._waiting.take(time.monotonic())
                self._busy = next_turn is not None
            if next_turn is not None:
                next_turn.set()


def saturated(seconds: int) -> Problem:
    """503 for a training that is rejected, with the seconds after which to retry."""
    return Problem(
        503,
        "saturated",
        "As many trainings as this server allows are under way; try again.",
        headers={"Retry-After": str(seconds)},
    )
