"""Decides which requests the event loop answers itself: for little work, handing it to a thread takes
longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from abintel.endpoint import Endpoint

MAX_BODY_BYTES = 32 * 1024
"""The largest body that may be answered inline."""
MAX_SECONDS = 0.005
"""A thread keeps the interpreter from the event loop for this long anyway (``sys.getswitchinterval``)."""
MIN_OBSERVED = 8
"""How many small requests must be observed before any is answered inline."""
_DECAY = 0.9
"""The longest time seen is multiplied by this after each further request."""


class InlinePolicy:
    """Learns how long an endpoint's small requests compute.

    Args:
        endpoint: only requests of an endpoint that says ``on_the_spot`` are answered inline.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._allowed = endpoint.on_the_spot
        self._lock = threading.Lock()
        self._observed = 0
        self._longest = 0.0

    def allows(self, size: int) -> bool:
        """Whether a body of so many bytes is likely to compute fast enough for the event loop."""
        is_fast = self._observed >= MIN_OBSERVED and self._longest <= MAX_SECONDS
        return self._allowed and is_fast and size <= MAX_BODY_BYTES

    @contextmanager
    def observe(self, size: int) -> Iterator[None]:
        """Measures how long a body of so many bytes computes, in the thread that computes it.

        A failed request never reached the actual work. It can raise the longest time, but does not count as
        observed.
        """
        began, answered = time.thread_time(), False
        try:
            yield
            answered = True
        finally:
            took = time.thread_time() - began
            if size <= MAX_BODY_BYTES:
                with self._lock:
                    self._observed += answered
                    self._longest = max(took, self._longest * (_DECAY if answered else 1.0))
