"""What plugins need only when they are first used, and what takes seconds: large libraries above all.

It is done right after a process is ready, behind its requests: who starts a server does not wait for it, and
who sends the first request seldom does.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import threading
import time
from collections.abc import Callable

from abintel.discovery import Roster

_BEHIND = 10
"""Nice level, which Linux keeps per thread."""
log = logging.getLogger(__name__)


def importing(*modules: str) -> Callable[[], None]:
    """For :attr:`abintel.endpoint.Plugin.late`: imports modules that functions import where they
    use them."""

    def work() -> None:
        for module in modules:
            importlib.import_module(module)

    return work


def do_late(roster: Roster) -> None:
    """Has every plugin do what it left for later; what fails is logged, and fails again where it is
    needed."""
    for plugin in roster.plugins:
        began = time.monotonic()
        try:
            plugin.late()
        except Exception:
            log.exception("plugin %s: what it does late failed", plugin.name)
        else:
            log.info("plugin %s complete after %.1f s", plugin.name, time.monotonic() - began)


def begin(roster: Roster) -> None:
    """Has a thread do that, behind the ones that answer."""

    def work() -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BEHIND)
        do_late(roster)

    threading.Thread(target=work, name="late", daemon=True).start()
