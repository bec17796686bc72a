"""When the models of a machine were last swept: the time of a file.

Workers import this module, so it imports nothing large.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_DAY = 86_400.0
_RETRY = 3_600.0


class Daily:
    """Whether a day has passed since a sweep began on this machine.

    Args:
        home: data folder.
    """

    def __init__(self, home: Path) -> None:
        self._last = home / "models.swept"

    def is_due(self) -> bool:
        """Whether it is time. The first sweep begins a day after the first call."""
        try:
            return time.time() - self._last.stat().st_mtime >= _DAY
        except FileNotFoundError:
            self._last.touch()
            return False

    def begin(self) -> None:
        """A sweep begins."""
        self._last.touch()

    def retry(self) -> None:
        """A sweep failed: the next one begins in an hour."""
        begun = time.time() - _DAY + _RETRY
        os.utime(self._last, (begun, begun))
