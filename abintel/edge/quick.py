"""Which requests are answered on the spot: the way to a thread and back takes longer than little work."""

from __future__ import annotations

import collections
import time
from collections.abc import Iterator
from contextlib import contextmanager

from abintel.endpoint import Endpoint

LARGEST = 32 * 1024
"""Bytes of a body that may be answered on the spot."""
LONGEST_SECONDS = 0.005
"""So long a thread keeps the interpreter from the event loop anyway (``sys.getswitchinterval``)."""
KNOWN = 8
"""How many small requests have to be seen first."""
_FORGETS = 0.9
"""What is left of the longest time after each further request."""


class Quick:
    """Knows how long an endpoint's small requests take.

    In a thread what counts is how long they compute, as others may hold them up, if some of the last did not
    wait for anything either; on the spot it is how long the event loop stood still.

    Args:
        endpoint: whose; one that learns asks stores, and is never answered on the spot.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._may_be = endpoint.trainable is None
        self._last: collections.deque[float] = collections.deque(maxlen=KNOWN)
        self._longest = 0.0

    def takes(self, size: int) -> bool:
        """Whether a body of so many bytes is likely to take so short that the event loop may do it."""
        if not self._may_be or size > LARGEST or len(self._last) < KNOWN:
            return False
        return max(min(self._last), self._longest) <= LONGEST_SECONDS

    @contextmanager
    def observed(self, size: int, on_the_spot: bool) -> Iterator[None]:
        """Notes how long a body of so many bytes takes, in the thread that does it."""
        began, computed = time.perf_counter(), time.thread_time()
        try:
            yield
        finally:
            if size <= LARGEST:
                took = time.perf_counter() - began
                self._last.append(took)
                counts = took if on_the_spot else time.thread_time() - computed
                self._longest = max(counts, self._longest * _FORGETS)
