"""One fit at a time of each kind, to leave the processor to serving."""

from __future__ import annotations

import contextlib
import math
import threading
import time
from collections.abc import Iterator

from abintel.problem import Problem
from stores.admission import Crowd, Line, TooMany

FEW_ROWS = 2_000
"""A training of so many rows does not wait for the fit of more."""
TARGET_SECONDS = 1.0
"""How long a fit of few rows should wait."""
BURST_SECONDS = 3.0
"""For so long most may wait longer."""
BURST = 6
"""As many may, whatever the others do: of twelve that come at once, each of 0.4 s, no more have."""


class Lanes:
    """Where fits go one after the other: those of few rows on one lane, those of many on another."""

    def __init__(self) -> None:
        self._few, self._many = _Lane(TARGET_SECONDS), _Lane(math.inf)

    @contextlib.contextmanager
    def fit(self, tenant: str, rows: int, patient: bool) -> Iterator[None]:
        """Waits until nobody else on the lane fits.

        Args:
            tenant: whose training it is.
            rows: that it learns from.
            patient: whether it waits for as long as it takes; else, where more fits of few rows come than can
                be done, it is told to come back.

        Raises:
            Problem: 503, it has waited too long, as others did.
        """
        lane = self._few if rows <= FEW_ROWS else self._many
        try:
            with lane.taken(tenant, patient):
                yield
        except TooMany:
            raise saturated(seconds=2) from None


class _Lane:
    """One at a time, of any threads."""

    def __init__(self, target: float) -> None:
        self._lock = threading.Lock()
        self._is_taken = False
        self._crowd = Crowd(target=target, interval=BURST_SECONDS, few=BURST)
        self._line: Line[threading.Event] = Line(self._crowd)

    @contextlib.contextmanager
    def taken(self, tenant: str, patient: bool) -> Iterator[None]:
        since, comes = time.monotonic(), threading.Event()
        with self._lock:
            waits = self._is_taken
            if waits:
                self._line.join(comes, since)
            self._is_taken = True
        if waits:
            comes.wait()
        try:
            if not patient:
                now = time.monotonic()
                self._crowd.has_waited(tenant, now - since, now)
            yield
        finally:
            with self._lock:
                following = self._line.leave(time.monotonic())
                self._is_taken = following is not None
            if following is not None:
                following.set()


def saturated(seconds: int) -> Problem:
    """What is said to a training that is sent away, and when it should come back."""
    return Problem(
        503,
        "saturated",
        "As many trainings as this server allows are under way; try again.",
        headers={"Retry-After": str(seconds)},
    )
