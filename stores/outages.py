"""Logs that a store does not answer, at most once a minute."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)


class Outage:
    """Logs an outage of a store at most once a minute instead of at every request.

    Args:
        message: which store does not answer, and what happens meanwhile.
    """

    def __init__(self, message: str) -> None:
        self._message = message
        self._reported_at = float("-inf")

    def report(self, error: Exception) -> None:
        """Logs a warning unless one was logged within the last 60 seconds."""
        now = time.monotonic()
        if now - self._reported_at >= 60.0:
            self._reported_at = now
            log.warning("%s: %s", self._message, first_line(error))


def first_line(error: Exception) -> str:
    """The driver's own message, without the statement and the link that SQLAlchemy adds."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
