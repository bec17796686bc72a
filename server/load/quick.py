"""Which requests are answered on the spot: the way to a thread and back takes longer than little work."""

from __future__ import annotations

import threading
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
    """Knows how long an endpoint's small requests compute.

    Args:
        endpoint: whose; one that says ``on_the_spot``, else none of its requests is quick.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._may_be = endpoint.on_the_spot
        self._lock = threading.Lock()
        self._seen = 0
        self._longest = 0.0

    def takes(self, size: int) -> bool:
        """Whether a body of so many bytes is likely to take so short that the event loop may do it."""
        is_known = self._seen >= KNOWN and self._longest <= LONGEST_SECONDS
        return self._may_be and is_known and size <= LARGEST

    @contextmanager
    def observed(self, size: int) -> Iterator[None]:
        """Notes how long a body of so many bytes is computed, in the thread that does it.

        Of a request that fails only that it took long: it did not come to the work.
        """
        began, answered = time.thread_time(), False
        try:
            yield
            answered = True
        finally:
            took = time.thread_time() - began
            if size <= LARGEST:
                with self._lock:
                    self._seen += answered
                    self._longest = max(took, self._longest * (_FORGETS if answered else 1.0))
