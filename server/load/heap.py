"""Gives memory that is free back to the system.

glibc keeps what a thread freed in that thread's arena, between what is still used, and there are eight
arenas a processor: a server whose threads compute on arrays holds more and more, though it uses no more.
Under a mixed load of trainings, megabytes and small requests that was 3 MB a minute. A limit on arenas and on
their largest blocks (``MALLOC_ARENA_MAX``, ``MALLOC_MMAP_THRESHOLD_``) keeps it flat as well, and took an
eighth of the speed.
"""

from __future__ import annotations

import ctypes
import threading

TRIM_SECONDS = 60.0


def trim() -> bool:
    """Gives back the free pages of all arenas; whether there were any. Does nothing without glibc.

    Source: malloc_trim(3).
    """
    give_back = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return give_back is not None and bool(give_back(0))


class Trimming:
    """Trims again and again, in a thread of its own, while it is open.

    Args:
        seconds: between two trims.
    """

    def __init__(self, seconds: float = TRIM_SECONDS) -> None:
        self._seconds = seconds
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep_trimming, name="heap", daemon=True)

    def open(self) -> None:
        """Begins."""
        self._thread.start()

    def close(self) -> None:
        """Ends."""
        self._closed.set()
        self._thread.join()

    def _keep_trimming(self) -> None:
        while not self._closed.wait(self._seconds):
            trim()
