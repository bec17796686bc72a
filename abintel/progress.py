"""How much of a call is done: handlers say it, and where somebody waits for a job, he hears it.

A handler calls :func:`report` as its folds, models or products end. In a server's thread nobody listens; a
job's process, which does one job at a time, listens with :func:`listen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[float], None]


def _nobody(share: float) -> None:
    pass


_listener: Listener = _nobody


def report(share: float) -> None:
    """Says that a share of the handler's work, 0 to 1, is done; may be called from any thread."""
    _listener(min(max(share, 0.0), 1.0))


@contextmanager
def between(begin: float, end: float) -> Iterator[None]:
    """Has what is reported in the block count as the stretch from one share to another of what is around it.

    >>> with listen(print), between(0.5, 1.0):
    ...     report(0.5)
    0.75
    """
    global _listener
    around = _listener
    if around is _nobody:
        # Nor is there anybody to put back: a server's threads come and go here in any order.
        yield
        return

    def within(share: float) -> None:
        around(begin + share * (end - begin))

    _listener = within
    try:
        yield
    finally:
        _listener = around


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Has every report of this process go to a listener, until the block ends."""
    global _listener
    _listener = listener
    try:
        yield
    finally:
        _listener = _nobody
