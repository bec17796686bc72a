"""Returns freed memory to the operating system.

glibc keeps the memory that a thread frees in that thread's arena, and has eight arenas per processor. A
server whose threads compute on arrays therefore holds more and more memory without using more: 3 MB a minute
under a mixed load of trainings, large bodies and small requests. Limiting the arenas and their largest blocks
(``MALLOC_ARENA_MAX``, ``MALLOC_MMAP_THRESHOLD_``) also keeps memory flat, but costs an eighth of the speed.
"""

from __future__ import annotations

import ctypes
import threading

TRIM_SECONDS = 60.0


def trim() -> bool:
    """Returns the free pages of all arenas and says whether there were any. Does nothing without glibc.

    Source: malloc_trim(3).
    """
    malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return malloc_trim is not None and bool(malloc_trim(0))


class HeapTrimmer:
    """A background thread that calls :func:`trim` at intervals.

    Args:
        seconds: the interval.
    """

    def __init__(self, seconds: float = TRIM_SECONDS) -> None:
        self._seconds = seconds
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._keep_trimming, name="heap", daemon=True)

    def open(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._closed.set()
        self._thread.join()

    def _keep_trimming(self) -> None:
        while not self._closed.wait(self._seconds):
            trim()
