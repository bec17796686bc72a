"""Work that plugins can do after the process is ready, chiefly imports of libraries that take seconds.

A background thread does this work. It delays neither the start of the server nor, usually, the first request.
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

_NICE = 10
"""Nice level of the background thread; Linux keeps one per thread."""
log = logging.getLogger(__name__)


def importing(*modules: str) -> Callable[[], None]:
    """A value for :attr:`abintel.endpoint.Plugin.preload`: imports modules that functions import lazily."""

    def import_all() -> None:
        for module in modules:
            importlib.import_module(module)

    return import_all


def preload_plugins(roster: Roster) -> None:
    """Calls every plugin's ``preload``. A failure is logged; it occurs again where the work is needed."""
    for plugin in roster.plugins:
        began = time.monotonic()
        try:
            plugin.preload()
        except Exception:
            log.exception("plugin %s: preloading failed", plugin.name)
        else:
            log.info("plugin %s complete after %.1f s", plugin.name, time.monotonic() - began)


def start_preloading(roster: Roster) -> None:
    """Preloads the plugins in a background thread with a low priority."""

    def work() -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
        preload_plugins(roster)

    threading.Thread(target=work, name="preload", daemon=True).start()
