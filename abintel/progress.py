"""Progress of long calls.

A handler calls :func:`report` as its folds, models or products finish. A job's process runs one job at a time
and listens with :func:`listen`. In a server thread nobody listens, and reports are dropped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[float], None]


def _ignore(share: float) -> None:
    pass


_listener: Listener = _ignore


def report(share: float) -> None:
    """Reports the share of the handler's work that is done, 0 to 1. Any thread may call it."""
    _listener(min(max(share, 0.0), 1.0))


@contextmanager
def between(begin: float, end: float) -> Iterator[None]:
    """Scales the reports of a block to the range from one share to another of the enclosing work.

    >>> with listen(print), between(0.5, 1.0):
    ...     report(0.5)
    0.75
    """
    global _listener
    outer = _listener
    if outer is _ignore:
        # The listener must not be restored here: several server threads may run this block at the same time.
        yield
        return

    def scaled(share: float) -> None:
        outer(begin + share * (end - begin))

    _listener = scaled
    try:
        yield
    finally:
        _listener = outer


@contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Sends every report of this process to a listener until the block ends."""
    global _listener
    _listener = listener
    try:
        yield
    finally:
        _listener = _ignore
