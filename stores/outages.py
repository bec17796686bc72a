"""Reports a store that does not answer, at most once a minute."""

from __future__ import annotations

import logging
import time

log = logging.getLogger(__name__)


class Outage:
    """Says once a minute, and not at every request, that a store does not answer.

    Args:
        message: what does not answer and what happens meanwhile.
    """

    def __init__(self, message: str) -> None:
        self._message = message
        self._said = float("-inf")

    def report(self, error: Exception) -> None:
        """Logs a warning unless one was logged within the last 60 seconds."""
        now = time.monotonic()
        if now - self._said >= 60.0:
            self._said = now
            log.warning("%s: %s", self._message, first_line(error))


def first_line(error: Exception) -> str:
    """What a driver says of an error, without the statement and the link that SQLAlchemy adds."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().partition("\n")[0] or type(cause).__name__
