"""Measures a server's memory under load."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

Readings = list[tuple[float, float]]
"""Seconds and MB."""
READING_SECONDS = 10.0
"""Seconds between two readings."""
SHOWN_SECONDS = 300.0
WARM_UP_SECONDS = 720.0
"""The warm-up of a soak: until it has trained the 64 models that a server caches, one every ten seconds."""


@contextmanager
def memory_of(pid: int | None) -> Iterator[Readings]:
    """Reads the memory of a server's processes while the block runs. A shared page counts proportionally.

    There are no readings for a server that we did not start.
    """
    readings: Readings = []
    over = threading.Event()

    def read() -> None:
        while pid is not None and not over.is_set():
            readings.append((time.monotonic(), _held(pid)))
            over.wait(READING_SECONDS)

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        yield readings
    finally:
        over.set()
        reader.join()


def _held(pid: int) -> float:
    """MB (proportional set size) of a process and its children."""
    total = 0
    for process in (first := psutil.Process(pid), *first.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_full_info().pss
    return total / 1e6


def shown(readings: Sequence[tuple[float, float]]) -> str:
    """A reading every five minutes, and the slope."""
    if not readings:
        return "not read"
    every = max(1, round(SHOWN_SECONDS / READING_SECONDS))
    shown = ", ".join(f"{mb:.0f}" for _, mb in readings[::every])
    grows = slope(readings)
    return f"{shown} MB" + ("" if grows is None else f"; {grows:+.2f} MB a minute after the warm-up")


def slope(memory: Sequence[tuple[float, float]], warm_up: float = WARM_UP_SECONDS) -> float | None:
    """The growth of memory after the warm-up in MB a minute, by least squares; None for fewer than three
    readings.

    Args:
        memory: seconds and MB of each reading.
        warm_up: seconds that do not count.

    >>> slope([(60.0 * minute, 500 + 2.0 * minute) for minute in range(20)])
    2.0
    """
    begun = [(at / 60, mb) for at, mb in memory if at - memory[0][0] >= warm_up]
    if len(begun) < 3:
        return None
    middle = sum(at for at, _ in begun) / len(begun)
    height = sum(mb for _, mb in begun) / len(begun)
    spread = sum((at - middle) ** 2 for at, _ in begun)
    return round(sum((at - middle) * (mb - height) for at, mb in begun) / spread, 6)


def write(readings: Sequence[tuple[float, float]], path: Path) -> None:
    """The readings as CSV, with times relative to the first."""
    lines = [f"{at - readings[0][0]:.0f},{mb:.1f}\n" for at, mb in readings]
    path.write_text("".join(lines), encoding="utf-8")
