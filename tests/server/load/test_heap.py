"""What is free between what is used goes back to the system."""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from server.load.heap import HeapTrimmer, trim

BLOCK = 60_000
MB = 200
pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="there is no malloc_trim here")


def held() -> float:
    """MB that this process holds."""
    return float(psutil.Process().memory_info().rss) / 1e6


@pytest.fixture
def scattered() -> Iterator[float]:
    """MB held while a tenth of the heap's blocks are used and the others free."""
    blocks = [bytearray(BLOCK) for _ in range(MB * 1_000_000 // BLOCK)]
    few = blocks[::10]
    blocks.clear()
    yield held()
    few.clear()


def test_a_trim_gives_back_what_is_free_between_what_is_used(scattered: float) -> None:
    assert trim()
    assert held() < scattered - 0.75 * MB


def test_it_is_trimmed_again_and_again_until_it_is_closed(scattered: float) -> None:
    trimmer = HeapTrimmer(seconds=0.05)
    trimmer.open()
    until = time.monotonic() + 20
    while held() > scattered - 0.75 * MB and time.monotonic() < until:
        time.sleep(0.05)
    trimmer.close()
    assert held() < scattered - 0.75 * MB
    assert "heap" not in {thread.name for thread in threading.enumerate()}
